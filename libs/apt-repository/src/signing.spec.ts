import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decryptKey, encryptKey, readCleartextMessage, readKey, readPrivateKey, verify } from 'openpgp';
import { createSigningKey, openSigner } from './signing.js';

const date = new Date('2026-01-01T00:00:00Z');
const text = 'Origin: Tumbi\n- dashed\nSHA256:\n abc\n';

describe('A signing key', () => {
  it('signs so that its public key verifies, with equal bytes each time', async () => {
    const key = await createSigningKey({ name: 'Tests', email: 'tests@example.org', date });
    const signer = await openSigner(key.privateKey);
    const signed = await signer.clearsign(text, date);
    assert.equal(await signer.clearsign(text, date), signed);
    assert.equal(await signer.sign(text, date), await signer.sign(text, date));
    const result = await verify({
      message: await readCleartextMessage({ cleartextMessage: signed }),
      verificationKeys: await readKey({ armoredKey: key.publicKey }),
      date,
      expectSigned: true,
    });
    assert.equal(result.data.trimEnd(), text.trimEnd());
  });

  it('shows its fingerprint and nothing secret in its public form', async () => {
    const key = await createSigningKey({ name: 'Tests' });
    const signer = await openSigner(key.privateKey);
    assert.match(key.fingerprint, /^[0-9A-F]{40}$/);
    assert.equal(signer.fingerprint, key.fingerprint);
    assert.equal(signer.publicKey, key.publicKey);
    assert.match(key.publicKey, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/);
    assert.equal((await readKey({ armoredKey: key.publicKey })).isPrivate(), false);
  });

  it('is refused when it is none or is locked', async () => {
    const { privateKey, publicKey } = await createSigningKey({ name: 'Tests' });
    await assert.rejects(openSigner('nonsense'), /is not an armored OpenPGP private key/);
    await assert.rejects(openSigner(publicKey), /is not an armored OpenPGP private key/);
    const open = await readPrivateKey({ armoredKey: privateKey });
    const locked = await encryptKey({ privateKey: open, passphrase: 'secret' });
    await assert.rejects(openSigner(locked.armor()), /is locked by a passphrase/);
    const unlocked = await decryptKey({ privateKey: locked, passphrase: 'secret' });
    assert.equal((await openSigner(unlocked.armor())).publicKey, publicKey);
  });
});
