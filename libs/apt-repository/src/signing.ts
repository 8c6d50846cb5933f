import {
  createCleartextMessage,
  createMessage,
  generateKey,
  type PartialConfig,
  type PrivateKey,
  readPrivateKey,
  sign,
} from 'openpgp';
import type { RepositorySigner, SigningKey } from './repository.js';

/** Whose key it is: the OpenPGP user id is `name <email>`. */
export interface KeyOwner {
  readonly name: string;
  readonly email?: string;
  /** When the key counts from; default now. Nothing dated earlier can be signed with it. */
  readonly date?: Date;
}

// OpenPGP.js salts signatures to guard devices that can be made to fail; a repository wants equal bytes from equal input.
const DETERMINISTIC: PartialConfig = { nonDeterministicSignaturesViaNotation: false };

/** Makes an Ed25519 key that can only sign and never expires, in the form that GnuPG 2.2 and Sequoia both read. */
export async function createSigningKey(owner: KeyOwner): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [owner.email === undefined ? { name: owner.name } : { name: owner.name, email: owner.email }],
    subkeys: [],
    date: owner.date ?? new Date(),
    format: 'object',
  });
  return {
    fingerprint: fingerprintOf(privateKey),
    publicKey: publicKey.armor(),
    privateKey: privateKey.armor(),
  };
}

/** Opens an armored private key. Rejects with one sentence when it is none, or is locked by a passphrase. */
export async function openSigner(armored: string): Promise<RepositorySigner> {
  const key = await readPrivateKey({ armoredKey: armored }).catch(cause => {
    throw new Error('The signing key is not an armored OpenPGP private key.', { cause });
  });
  if (!key.isDecrypted()) {
    throw new Error(
      'The signing key is locked by a passphrase: export one without, into a file of mode 0600.',
    );
  }
  return {
    fingerprint: fingerprintOf(key),
    publicKey: key.toPublic().armor(),
    async clearsign(text, date) {
      const message = await createCleartextMessage({ text });
      return sign({ message, signingKeys: key, date, config: DETERMINISTIC });
    },
    async sign(text, date) {
      const message = await createMessage({ binary: Buffer.from(text) });
      return String(await sign({ message, signingKeys: key, date, detached: true, config: DETERMINISTIC }));
    },
  };
}

function fingerprintOf(key: PrivateKey): string {
  return key.getFingerprint().toUpperCase();
}
