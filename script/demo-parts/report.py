#!/usr/bin/env python3
"""Says what the users of the demo saw, and draws it.

    report.py FOLDER PICTURE.svg        exit 1 when a request was lost, or a verb ended otherwise than it must

FOLDER holds what script/demo wrote: requests.tsv (load.py), verbs.tsv (begin, end, exit code, words), runs.jsonl
(`shunt --json show` after each verb) and status.json.
"""
import json
import os
import sys
from collections import Counter, namedtuple
from datetime import datetime

sys.dont_write_bytecode = True  # script/ stays as it was
from picture import draw  # noqa: E402

EXPECTED = [0, 0, 1, 0]  # first deployment, good version, bad version, rollback
FINAL = 'v1'
BAD = 'v3'

Request = namedtuple('Request', 'at took status version fault')
Verb = namedtuple('Verb', 'begin end code words')
Moment = namedtuple('Moment', 'at text')


def read_requests(folder):
    with open(os.path.join(folder, 'requests.tsv'), encoding='utf-8') as lines:
        rows = [line.rstrip('\n').split('\t') for line in lines]
    return [Request(float(at), float(took), int(status), version, fault) for at, took, status, version, fault in rows]


def read_verbs(folder):
    with open(os.path.join(folder, 'verbs.tsv'), encoding='utf-8') as lines:
        rows = [line.rstrip('\n').split('\t') for line in lines]
    return [Verb(float(begin), float(end), int(code), words) for begin, end, code, words in rows]


def read_runs(folder):
    with open(os.path.join(folder, 'runs.jsonl'), encoding='utf-8') as lines:
        runs = [json.loads(line) for line in lines]
    return list({run['id']: run for run in runs if run.get('id')}.values())


def is_good(request):
    return 200 <= request.status < 400 and request.version != ''


def is_own_error(request, verbs):
    """An error that the bad version itself answered, while it was being deployed."""
    if request.version != BAD or request.status < 500:
        return False
    return any(verb.words == f'deploy {BAD}' and verb.begin <= request.at <= verb.end for verb in verbs)


def began(run):
    return datetime.fromisoformat(run['started'].replace('Z', '+00:00')).timestamp()


def reason_of(decision):
    return (decision.get('error') or {}).get('message', '')


def moments_of(run, live):
    """What happened in one run, in words; `live` is the version that served when it began."""
    begin = began(run)
    new = next((entry['args']['color'] for entry in run['timeline'] if entry['verb'] == 'instances.start'), 'blue')
    moments, told = [], None
    for entry in run['timeline']:
        at, args = begin + entry['at_ms'] / 1000, entry.get('args') or {}
        if entry['verb'] == 'proxy.set' and entry['kind'] == 'intent' and args['blue'] + args['green'] == 100:
            share = args[new]
            old = f', {live} {100 - share} %' if live else ''
            if share != told:
                moments.append(Moment(at, f'{run["version"]} {share} %{old}'))
            told = share
        if entry['kind'] == 'decision':
            moments.append(Moment(at, f'{entry["verb"]}: {reason_of(entry)}'))
    end = begin + run['elapsed_ms'] / 1000
    moments.append(Moment(end, f'{run["state"].replace("_", " ")} (exit {run["exit"]}): {run["report"].get("serves", "")}'))
    return moments


def print_timeline(requests, verbs, runs):
    moments, live = [Moment(requests[0].at, f'the users come; {requests[0].version or "nobody"} answers')], None
    moments += [Moment(verb.begin, f'$ shunt {verb.words}') for verb in verbs]
    for run in runs:
        moments += [Moment(at, '  ' + text) for at, text in moments_of(run, live)]
        live = run['version'] if run['exit'] == 0 else live
    moments.append(Moment(requests[-1].at, 'the users go'))
    print('\nTimeline')
    for at, text in sorted(moments, key=lambda moment: moment.at):
        print(f'{at - verbs[0].begin:>8.1f} s  {text}')


def percentile(numbers, share):
    return sorted(numbers)[min(len(numbers) - 1, int(len(numbers) * share))] if numbers else 0


def verdicts_of(runs):
    """The moments at which a run decided to roll back, with the reason."""
    notes = []
    for run in runs:
        for entry in run['timeline']:
            if entry['kind'] == 'decision':
                notes.append(Moment(began(run) + entry['at_ms'] / 1000, reason_of(entry)))
    return notes


def print_table(requests, own, lost):
    print(f'\n{"Version":<12}{"requests":>10}{"good":>10}{"errors":>10}{"median":>10}{"99 %":>10}')
    for version in sorted({request.version for request in requests if request.version}):
        mine = [request for request in requests if request.version == version]
        good = sum(is_good(request) for request in mine)
        took = [request.took for request in mine]
        print(f'{version:<12}{len(mine):>10}{good:>10}{len(mine) - good:>10}'
              f'{percentile(took, 0.5):>7.1f} ms{percentile(took, 0.99):>7.1f} ms')
    print(f'{"all":<12}{len(requests):>10}')
    print(f'\nLost requests: {len(lost)}   (and {len(own)} that {BAD} answered with an error while it had its share)')
    reasons = Counter(request.fault or f'{request.status} by {request.version or "the proxy"}' for request in lost)
    for reason, count in reasons.most_common(10):
        print(f'  {count} x {reason}')


def faults_of(requests, verbs, lost, serving):
    """Why the demo does not show what it promises; nothing when it does."""
    faults = []
    codes = [verb.code for verb in verbs]
    if codes != EXPECTED:
        faults.append(f'the verbs ended with {codes} in place of {EXPECTED}')
    if lost:
        faults.append(f'{len(lost)} requests were lost')
    if serving != FINAL:
        faults.append(f'{serving} serves at the end in place of {FINAL}')
    for version in ('v1', 'v2', BAD):
        if not any(request.version == version for request in requests):
            faults.append(f'{version} answered nobody')
    return faults


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, picture = sys.argv[1:]
    requests, verbs, runs = read_requests(folder), read_verbs(folder), read_runs(folder)
    if not requests:
        sys.exit('script/demo: no request was sent')
    failed = [request for request in requests if not is_good(request)]
    own = [request for request in failed if is_own_error(request, verbs)]
    lost = [request for request in failed if not is_own_error(request, verbs)]
    with open(os.path.join(folder, 'status.json'), encoding='utf-8') as text:
        serving = json.load(text)['live']['version']
    print_timeline(requests, verbs, runs)
    print_table(requests, own, lost)
    with open(picture, 'w', encoding='utf-8') as out:
        out.write(draw(requests, verbs, lost, own, verdicts_of(runs)))
    faults = faults_of(requests, verbs, lost, serving)
    for fault in faults:
        print(f'script/demo: {fault}', file=sys.stderr)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
