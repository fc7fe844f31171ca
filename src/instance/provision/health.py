"""How the warehouse, the dashboard and this server are, as one line of JSON: `sbw status` asks for it.

    sbw-host health
    {"dashboard": {"status": "ok", "ms": 41},
     "warehouse": {"data_up_to": "2026-11-24T20:58:07Z", "events": 40911, "hours_behind": 0, "quarantined": 37},
     "machine": {"data_disk_percent": 12, "system_disk_percent": 31, "certificate_days": 364, "failed_units": []}}

A part that does not answer is {"problem": "..."} instead. Reads only. Nothing here waits for longer than three seconds,
since the one who asks does not wait for much longer.
"""

import concurrent.futures
import json
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request

SECONDS = 3
DASHBOARD = 'http://127.0.0.1:3838/sbw_dashboard/health'
DATA = '/var/lib/postgresql'
CERTIFICATE = '/etc/sbw/tls/server.crt'
# Counted by the rollups: the events themselves would have to be read for it.
QUESTION = """
SELECT json_build_object(
  'data_up_to', (SELECT to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                   FROM dash.hour ORDER BY hour DESC LIMIT 1),
  'events', (SELECT coalesce(sum(events), 0) FROM dash.hour),
  'hours_behind', (SELECT count(DISTINCT hour) FROM dash.dirty),
  'quarantined', (SELECT count(*) FROM sbw.quarantine WHERE state = 'open'))
"""


def dashboard():
    started = time.monotonic()
    try:
        with urllib.request.urlopen(DASHBOARD, timeout=SECONDS) as answer:
            status = json.load(answer)['status']
    except urllib.error.HTTPError as error:
        # It says why in the same form.
        status = json.load(error)['status']
    return {'status': status, 'ms': round(1000 * (time.monotonic() - started))}


def warehouse():
    psql = ['psql', '--no-psqlrc', '--no-align', '--tuples-only', '--dbname', 'clickstream_dw', '--command', QUESTION]
    return json.loads(run('runuser', '--user', 'postgres', '--', *psql))


def machine():
    ends = run('openssl', 'x509', '-noout', '-enddate', '-in', CERTIFICATE).strip().partition('=')[2]
    units = run('systemctl', 'list-units', '--state=failed', '--plain', '--no-legend')
    return {
        'data_disk_percent': full_percent(DATA),
        'system_disk_percent': full_percent('/'),
        'certificate_days': int((ssl.cert_time_to_seconds(ends) - time.time()) // 86400),
        'failed_units': [line.split()[0] for line in units.splitlines() if line.strip()],
    }


def full_percent(folder):
    usage = shutil.disk_usage(folder)
    return round(100 * usage.used / (usage.used + usage.free))


def run(*command):
    done = subprocess.run(command, cwd='/', capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        raise OSError((done.stderr.strip() or f'{command[0]} ended with {done.returncode}').splitlines()[-1])
    return done.stdout


def told(part):
    try:
        return part()
    except Exception as error:
        return {'problem': str(error) or type(error).__name__}


if __name__ == '__main__':
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = {part.__name__: pool.submit(told, part) for part in [dashboard, warehouse, machine]}
    print(json.dumps({name: answer.result() for name, answer in answers.items()}))
