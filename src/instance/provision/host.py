#!/usr/bin/env python3
"""Brings this server to the release that its tags name: fetches it, verifies it, unpacks it, runs its steps.

    host.py first-boot          and tells CloudFormation how it went
    host.py update [HASHES]     after the tags have changed; or as soon as they name this bundle and this provision
    host.py provision [STEP]    runs the steps of the release that is here once more, or one of them
    host.py restore VOLUME      goes back to a snapshot: see restore.sh
    host.py parameter NAME      prints the stage's parameter, such as dwh/ca-certificate

It is the user data of the server, and sbw-host later on. Before the first release is here there are no packages but
those of the machine image, so it needs Python's standard library alone.
"""

import datetime
import fcntl
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

SETTINGS = pathlib.Path('/etc/sbw/host.json')
HOME = pathlib.Path('/opt/sbw')
LOG = pathlib.Path('/var/log/sbw/provision.log')
METADATA = 'http://169.254.169.254/latest'
# Roles, tags and network doors of a new server take a while to spread.
PATIENCE_SECONDS = 240
PAUSE_SECONDS = 4
# CloudFormation takes no longer reasons.
REASON_LETTERS = 1500


def main(arguments):
    # PostgreSQL and the dashboard, other users than this one, read what is put here.
    os.umask(0o022)
    match arguments:
        case ['first-boot']:
            return first_boot(read_settings())
        case ['update', *hashes] if len(hashes) in (0, 2):
            return alone(lambda: update(read_settings(), *hashes))
        case ['provision', *steps]:
            return alone(lambda: provision(read_settings(), steps))
        case ['restore', volume]:
            return alone(lambda: restore(read_settings(), volume))
        case ['parameter', name]:
            print(patiently(lambda: parameter(read_settings(), name)), end='')
            return 0
    print(__doc__, file=sys.stderr)
    return 64


def read_settings():
    """region, stage, bucket, volume, ready_url: what the template says of this server."""
    return json.loads(SETTINGS.read_text())


def alone(work):
    """Runs work while nobody else does: two at once would write the same files."""
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return work()


def first_boot(settings):
    try:
        code = alone(lambda: update(settings))
        problem = None if code == 0 else log_of_last_step()[-REASON_LETTERS:]
    except Exception as error:
        say(f'failed: {error}')
        code, problem = 1, f'{type(error).__name__}: {error}'
    try:
        patiently(lambda: report(settings['ready_url'], problem))
    except OSError as error:
        say(f'CloudFormation was not told: {error}')
    return code


def restore(settings, volume):
    code = subprocess.run(['bash', HOME / 'provision' / 'restore.sh', volume]).returncode
    # The snapshot may be older than passwords and schema.
    return code or provision(settings, [])


def log_of_last_step():
    return LOG.read_text(errors='replace').rpartition('\n== ')[2]


def update(settings, bundle=None, provision_zip=None):
    say('fetching the release')
    patiently(lambda: fetch_release(settings, 'bundle', unpack_tar, bundle))
    patiently(lambda: fetch_release(settings, 'provision', unpack_zip, provision_zip))
    code = provision(settings, [])
    if code == 0:
        # For the deploy, which believes nothing else.
        taken = [(HOME / part).resolve().name.partition('-')[2] for part in ('bundle', 'provision')]
        print('release', *taken, flush=True)
    return code


def provision(settings, steps):
    """Exit code of the steps."""
    environment = {
        **os.environ,
        'SBW_REGION': settings['region'],
        'SBW_STAGE': settings['stage'],
        'SBW_VOLUME_ID': settings['volume'],
        'SBW_ADDRESS': patiently(lambda: metadata('local-ipv4')),
        'SBW_LOG': str(LOG),
    }
    LOG.parent.mkdir(parents=True, exist_ok=True)
    return subprocess.run(['bash', HOME / 'provision' / 'run.sh', *steps], env=environment).returncode


def fetch_release(settings, part, unpack, wanted):
    """Puts the part that the tags name at /opt/sbw/<part>, a link, so that it is there whole or not at all."""
    key, sha256 = tag(f'sbw:{part}-key'), tag(f'sbw:{part}-sha256')
    if wanted not in (None, sha256):
        # The metadata service learns of new tags after a while.
        raise LookupError(f'the tags still name the {part} {sha256}, not {wanted}')
    folder = HOME / 'releases' / f'{part}-{sha256}'
    if not folder.exists():
        draft = folder.with_suffix('.draft')
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        archive = draft.with_suffix('.archive')
        download(settings, key, archive, sha256)
        unpack(archive, draft)
        archive.unlink()
        # Else a power cut may leave the name without the content.
        os.sync()
        draft.rename(folder)
    link = HOME / f'{part}.new'
    link.unlink(missing_ok=True)
    link.symlink_to(folder)
    link.rename(HOME / part)
    for old in folder.parent.glob(f'{part}-*'):
        if old != folder:
            shutil.rmtree(old) if old.is_dir() else old.unlink()


def unpack_tar(archive, folder):
    with tarfile.open(archive) as content:
        content.extractall(folder, filter='data')


def unpack_zip(archive, folder):
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)


def download(settings, key, file, sha256):
    # The bucket in the path: a name with dots would not fit S3's certificate.
    url = f'https://s3.{settings["region"]}.amazonaws.com/{settings["bucket"]}/{urllib.parse.quote(key)}'
    digest = hashlib.sha256()
    with send(signed('GET', url, 's3', settings['region'], keys()), 60) as answer, open(file, 'wb') as output:
        while chunk := answer.read(1 << 20):
            digest.update(chunk)
            output.write(chunk)
    if digest.hexdigest() != sha256:
        raise ValueError(f'{key} is not what it should be: its SHA-256 is {digest.hexdigest()}')


def parameter(settings, name):
    region = settings['region']
    body = json.dumps({'Name': f'/sbw/{settings["stage"]}/{name}', 'WithDecryption': True}).encode()
    headers = {'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter'}
    url = f'https://ssm.{region}.amazonaws.com/'
    with send(signed('POST', url, 'ssm', region, keys(), headers, body), 20) as answer:
        return json.load(answer)['Parameter']['Value']


def metadata(path):
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"""
    lifetime = {'X-aws-ec2-metadata-token-ttl-seconds': '300'}
    with send(urllib.request.Request(f'{METADATA}/api/token', headers=lifetime, method='PUT'), 5) as answer:
        token = {'X-aws-ec2-metadata-token': answer.read().decode()}
    with send(urllib.request.Request(f'{METADATA}/meta-data/{path}', headers=token), 5) as answer:
        return answer.read().decode()


def tag(name):
    return metadata(f'tags/instance/{name}')


def keys():
    """AccessKeyId, SecretAccessKey and Token of the server's role."""
    role = metadata('iam/security-credentials/').splitlines()[0]
    return json.loads(metadata(f'iam/security-credentials/{role}'))


def signed(method, url, service, region, credentials, headers=None, body=b'', now=None):
    """Signature version 4 for an address without a query, whose path is encoded once, as S3 wants it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    now = now or datetime.datetime.now(datetime.timezone.utc)
    time_text = now.strftime('%Y%m%dT%H%M%SZ')
    payload = hashlib.sha256(body).hexdigest()
    address = urllib.parse.urlsplit(url)
    to_sign = {
        **(headers or {}),
        'host': address.netloc,
        'x-amz-content-sha256': payload,
        'x-amz-date': time_text,
        'x-amz-security-token': credentials['Token'],
    }
    names = ';'.join(sorted(to_sign))
    lines = [f'{name}:{to_sign[name].strip()}' for name in sorted(to_sign)]
    canonical = '\n'.join([method, address.path, '', *lines, '', names, payload])
    scope = f'{time_text[:8]}/{region}/{service}/aws4_request'
    text = '\n'.join(['AWS4-HMAC-SHA256', time_text, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f'AWS4{credentials["SecretAccessKey"]}'.encode()
    for part in scope.split('/'):
        key = hmac.digest(key, part.encode(), 'sha256')
    signature = hmac.digest(key, text.encode(), 'sha256').hex()
    to_sign['authorization'] = (
        f'AWS4-HMAC-SHA256 Credential={credentials["AccessKeyId"]}/{scope}, '
        f'SignedHeaders={names}, Signature={signature}'
    )
    return urllib.request.Request(url, body or None, to_sign, method=method)


def send(request, seconds):
    """The answer, open. The body of a refusal says why, so it becomes part of the error."""
    try:
        # Proxies of the environment are for others: everything here is inside the network.
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=seconds)
    except urllib.error.HTTPError as error:
        reason = error.read(500).decode(errors='replace')
        raise OSError(f'{request.host} answers {error.code} to {request.selector.split("?")[0]}: {reason}') from error


def patiently(attempt):
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    told = None
    while True:
        try:
            return attempt()
        except (OSError, ValueError, LookupError, http.client.HTTPException) as error:
            if time.monotonic() > give_up_at:
                raise
            if told != str(error):
                say(f'trying again: {error}')
            told = str(error)
            time.sleep(PAUSE_SECONDS)


def report(url, problem):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html"""
    status = 'SUCCESS' if problem is None else 'FAILURE'
    signal = {'Status': status, 'Reason': problem or 'the warehouse is ready', 'UniqueId': 'first-boot', 'Data': ''}
    request = urllib.request.Request(url, json.dumps(signal).encode(), {'Content-Type': ''}, method='PUT')
    try:
        with send(request, 30):
            pass
    except OSError as error:
        if getattr(error.__cause__, 'code', 500) >= 500:
            raise
        # Whoever replaced the server meets a letter box that closed long ago. The server is none the worse for it.
        say(f'CloudFormation does not want to know: {error}')


def say(text):
    """A line for people: to the serial console, which can be read before anything else here can."""
    line = f'sbw: {text}'
    print(line, file=sys.stderr, flush=True)
    try:
        with open('/dev/console', 'a') as console:
            print(line, file=console)
    except OSError:
        pass


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
