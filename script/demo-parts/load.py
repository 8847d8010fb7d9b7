#!/usr/bin/env python3
"""Asks one URL at a steady rate, as users would, and writes down every answer. It never asks twice for one answer.

    load.py PORT RATE FILE        GET http://127.0.0.1:PORT/, RATE a second, until it is told to end (TERM)

FILE has a line for each request: when it was sent (seconds since 1970), how long the answer took (ms), its status, the version
that answered (X-Version), what went wrong; separated by tabs. Status 0: no answer. No version: the proxy itself answered.
"""
import http.client
import signal
import sys
import threading
import time

CONNECTIONS = 8  # kept alive; each asks, waits for the answer, and asks again when it is its turn
PATIENCE = 10    # seconds for one answer


def ask(connection):
    """The status, the version and the fault of one request."""
    try:
        connection.request('GET', '/')
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader('X-Version', ''), ''
    except (OSError, http.client.HTTPException) as fault:
        connection.close()
        return 0, '', f'{type(fault).__name__}: {fault}'.replace('\t', ' ').replace('\n', ' ')


def keep_asking(port, first, period, ended, rows):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
    turn = first
    while not ended.wait(max(0, turn - time.time())):
        sent = time.time()
        status, version, fault = ask(connection)
        rows.append((sent, (time.time() - sent) * 1000, status, version, fault))
        turn = max(turn + period, time.time() - period)  # a machine that was busy is not asked to catch up
    connection.close()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    port, rate, file = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    ended, rows, begin = threading.Event(), [], time.time()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    workers = [threading.Thread(target=keep_asking, args=(port, begin + i / rate, CONNECTIONS / rate, ended, rows))
               for i in range(CONNECTIONS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with open(file, 'w', encoding='utf-8') as out:
        for sent, took, status, version, fault in sorted(rows):
            out.write(f'{sent:.6f}\t{took:.3f}\t{status}\t{version}\t{fault}\n')


if __name__ == '__main__':
    main()
