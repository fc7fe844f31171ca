import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';

const DAY_MS = 24 * 3600 * 1000;
const VALID_DAYS = 20 * 365;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** PEM, PKCS 8. */
export function generateKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

/**
 * A certificate authority of one stage, in PEM: what the warehouse shows to prove that it is the warehouse is signed
 * by it. https://www.rfc-editor.org/rfc/rfc5280
 *
 * @param key as generateKey gives it
 * @param name for people, at most 64 characters
 */
export async function makeAuthority(key: string, name: string, now: Date): Promise<string> {
  // The library asks for this one before it is loaded.
  await import('reflect-metadata');
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } =
    await import('@peculiar/x509');
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [name.slice(0, 64)] }],
      keys: await importKeys(key),
      signingAlgorithm: ALGORITHM,
      // The clock of a server that starts may be behind ours.
      notBefore: new Date(now.getTime() - DAY_MS),
      notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
      extensions: [
        // What it signs are no authorities.
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

async function importKeys(key: string): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey);
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      ALGORITHM,
      false,
      ['sign'],
    ),
    publicKey: await subtle.importKey(
      'spki',
      publicKey.export({ type: 'spki', format: 'der' }),
      ALGORITHM,
      true,
      ['verify'],
    ),
  };
}
