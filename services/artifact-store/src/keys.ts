import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { createSigningKey, openSigner, type RepositorySigner } from '@tumbi/apt-repository';
import { type ArtifactStoreSettings, SETTINGS } from './settings.js';

/** The signing keys, one for each tag, made when first needed; they never leave this service. */
@Injectable()
export class Keys {
  readonly #signers = new Map<string, Promise<RepositorySigner>>();

  constructor(@Inject(SETTINGS) private readonly settings: ArtifactStoreSettings) {}

  signer(tag: string): Promise<RepositorySigner> {
    const known = this.#signers.get(tag) ?? this.#open(tag);
    this.#signers.set(tag, known);
    known.catch(() => this.#signers.delete(tag));
    return known;
  }

  async #open(tag: string): Promise<RepositorySigner> {
    const directory = this.settings.keysDirectory;
    const file = join(directory, `${tag}.asc`);
    try {
      return await openSigner(await readFile(file, 'utf8'));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    const key = await createSigningKey({ name: `Tumbi repository ${tag}` });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const handle = await open(`${file}.new`, 'w', 0o600);
    await handle.writeFile(key.privateKey);
    await handle.sync();
    await handle.close();
    await rename(`${file}.new`, file);
    return openSigner(key.privateKey);
  }
}
