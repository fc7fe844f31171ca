import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPresigned, signUpgrade } from '../../../src/adapters/tunnel/network/sign-upgrade.ts';
import { checkStreamUrl } from '../../../src/adapters/tunnel/network/stream-host.ts';
import { SbwError } from '../../../src/errors.ts';

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'TOKEN',
};
const URL_TEXT =
  'wss://ssmmessages.us-west-1.amazonaws.com/v1/data-channel/user@example.com-abc123?role=publish_subscribe&cell-number=AAEA+b/Q=';
const NOW = new Date('2026-01-02T03:04:05Z');

test('the signature is the one that the official client makes', () => {
  const headers = signUpgrade(new URL(URL_TEXT), 'us-west-1', CREDENTIALS, NOW, 'space');
  assert.deepEqual(headers, {
    'x-amz-date': '20260102T030405Z',
    'x-amz-security-token': 'TOKEN',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-west-1/ssmmessages/aws4_request, ' +
      'SignedHeaders=host;x-amz-date;x-amz-security-token, ' +
      'Signature=d52a63b6df917300918e9e68ce4aa09ec57750be02d982e05c5e64e2ccc8c8a6',
  });
});

test('a plus that is read as itself is signed otherwise; without a session token there is no header for it', () => {
  const lasting = { ...CREDENTIALS, sessionToken: undefined };
  const asPlus = signUpgrade(new URL(URL_TEXT), 'us-west-1', CREDENTIALS, NOW, 'plus');
  const asSpace = signUpgrade(new URL(URL_TEXT), 'us-west-1', CREDENTIALS, NOW, 'space');
  assert.notEqual(asPlus['authorization'], asSpace['authorization']);
  const plain = URL_TEXT.replace('+', '');
  assert.equal(
    signUpgrade(new URL(plain), 'us-west-1', CREDENTIALS, NOW, 'plus')['authorization'],
    signUpgrade(new URL(plain), 'us-west-1', CREDENTIALS, NOW, 'space')['authorization'],
  );
  const headers = signUpgrade(new URL(URL_TEXT), 'us-west-1', lasting, NOW, 'space');
  assert.deepEqual(Object.keys(headers).sort(), ['authorization', 'x-amz-date']);
  assert.match(headers['authorization'] ?? '', /SignedHeaders=host;x-amz-date,/);
});

test('a URL that is signed already is left alone', () => {
  assert.equal(isPresigned(URL_TEXT), false);
  assert.equal(isPresigned(`${URL_TEXT}&X-Amz-Signature=abc`), true);
});

const allowed = (url: string, isLoopbackTrusted = false, override?: URL): string =>
  checkStreamUrl(url, { isLoopbackTrusted, override }).host;

test("the token goes to AWS's hosts only", () => {
  for (const host of [
    'ssmmessages.ap-southeast-1.amazonaws.com',
    'ssmmessages.us-gov-west-1.amazonaws.com',
    'ssmmessages-fips.us-east-1.amazonaws.com',
    'ssmmessages.cn-north-1.amazonaws.com.cn',
    'ssmmessages.eu-west-1.api.aws',
    'ssmmessages.eusc-de-east-1.amazonaws.eu',
  ]) {
    assert.equal(allowed(`wss://${host}/v1/data-channel/x`), host);
  }
  for (const url of [
    'ws://ssmmessages.us-east-1.amazonaws.com/',
    'https://ssmmessages.us-east-1.amazonaws.com/',
    'wss://ssmmessages.us-east-1.amazonaws.com.evil.example/',
    'wss://evil.example/ssmmessages.us-east-1.amazonaws.com',
    'wss://evil-ssmmessages.us-east-1.amazonaws.com/',
    'wss://bucket.s3.us-east-1.amazonaws.com/',
    'wss://ssmmessages.us-east-1.amazonaws.com:8443/',
    'wss://user:password@ssmmessages.us-east-1.amazonaws.com/',
    'wss://ssmmessages.us-east-1.amazonaws.com@evil.example/',
    'ws://127.0.0.1:8080/',
    'wss://169.254.169.254/',
    'nonsense',
    '',
  ]) {
    assert.throws(
      () => allowed(url),
      (error) => error instanceof SbwError && error.code === 'TUNNEL_HOST_REFUSED',
      url,
    );
  }
});

test('a private endpoint takes the place of the host; this machine counts only when the API is here too', () => {
  const override = new URL('https://vpce-1.ssmmessages.us-east-1.vpce.amazonaws.com');
  assert.equal(
    allowed('wss://ssmmessages.us-east-1.amazonaws.com/v1', false, override),
    'vpce-1.ssmmessages.us-east-1.vpce.amazonaws.com',
  );
  assert.equal(allowed('ws://127.0.0.1:8080/', true), '127.0.0.1:8080');
  assert.throws(() => allowed('ws://10.0.0.1:8080/', true));
});
