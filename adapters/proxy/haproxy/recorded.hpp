// Answers of HAProxy 2.6.12, for tests.
#pragma once

#include <string>

namespace shunt::haproxy::recorded {

inline const std::string info =
    "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nRelease_date: 2026/10/17\nNbthread: 2\nNbproc: 1\nProcess_num: 1\n"
    "Pid: 6799\nUptime: 0d 0h03m48s\nUptime_sec: 228.084829\nMemmax_MB: 0\nnode: vm\nStart_time_sec: "
    "1795236560.848271\n"
    "Tainted: 0\n";

inline const std::string stat_head =
    "# "
    "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,"
    "bck,"
    "chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_"
    "status,"
    "check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,"
    "req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,"
    "agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_"
    "fall,"
    "agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,"
    "cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_"
    "cur,"
    "used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,ssl_sess,\n";

inline const std::string stat_blue =
    "shop,blue,0,0,6,32,,222,11668,28424,,0,,0,0,0,0,UP,100,1,0,3,2,11,1,,1,3,1,,222,,2,0,,216,L4OK,,0,2,220,0,0,0,0,,,"
    ",222,"
    "8,0,,,,,1,,,0,110,45,213,,,,Layer4 check "
    "passed,,2,2,3,,,,127.0.0.1:18001,,http,,,,,,,,0,38,184,,,32,,0,1012,1001,3001,"
    "0,24,8,0,33,100,,,,-,0,\n";

// Its health check's words hold a quote, a comma and an empty line.
inline const std::string stat_green =
    "shop,green,2,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN "
    "1/3,100,1,0,0,1,0,0,,1,3,2,,0,,2,0,,0,L7RSP,,0,0,0,0,0,0,0,,,,0,0,0,,,,,-1,"
    "\"say \"\"no\"\", then\n\n\",,0,0,0,0,,,,Layer7 invalid "
    "response,,3,2,4,,,,127.0.0.1:18002,,http,,,,,,,,0,0,0,,,0,,0,0,0,"
    "0,0,0,0,0,1,100,,,,-,0,\n";

inline const std::string stat_backend =
    "shop,BACKEND,0,0,6,0,999,0,0,0,0,0,,0,0,0,0,UP,100,1,0,,1,1,1,,1,3,0,,0,,1,0,,0,,,,0,0,0,0,0,0,,,,0,0,0,0,0,0,0,-"
    "1,,,0,"
    "0,0,0,,,,,,,,,,,,,,http,roundrobin,,,,,,,0,0,0,0,0,,,0,0,0,0,0,,,,,100,0,0,0,-,0,\n";

inline const std::string stat = stat_head + stat_blue + stat_green + stat_backend;

inline const std::string state_head =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr "
    "srv_agent_port\n";

inline const std::string state = state_head +
                                 "3 shop 1 blue 127.0.0.1 2 0 100 100 11 6 3 3 6 0 0 0 - 18001 - 0 0 - - 0\n"
                                 "3 shop 2 green 127.0.0.1 0 1 100 0 1 6 3 0 14 0 0 0 - 18002 - 0 0 - - 0\n";

inline const std::string no_such_server = "No such server.\n";
inline const std::string no_such_backend = "No such backend.\n";
inline const std::string no_such_proxy = "No such proxy.\n";
inline const std::string cannot_find = "Can't find backend.\n";
inline const std::string static_algorithm =
    "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n";
inline const std::string no_permission = "Permission denied\n";

}  // namespace shunt::haproxy::recorded
