import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import { type GatewaySettings, SETTINGS } from '../settings.js';

/** What a token allows; each role includes those before it. */
export const ROLES = ['reader', 'submitter', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const tokensFile = z.array(
  z.object({ name: z.string().min(1).max(64), role: z.enum(ROLES), sha256: z.string().length(64) }),
);
export type Token = z.infer<typeof tokensFile>[number];

/** The digest under which a token is kept; the token itself is kept nowhere on the server. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The tokens that open the door, from a file that may change while the gateway runs. */
@Injectable()
export class Tokens implements OnApplicationBootstrap {
  #known: { at: number; tokens: Token[] } | undefined;

  constructor(@Inject(SETTINGS) private readonly settings: GatewaySettings) {}

  /** A gateway whose tokens can't be read does not start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#read().catch(error => {
      throw new Error(
        `The tokens in ${this.settings.tokensFile} (TUMBI_TOKENS) can't be used: ${error.message}`,
      );
    });
  }

  async find(token: string): Promise<Token | undefined> {
    const digest = tokenDigest(token);
    return (await this.#read()).find(known => known.sha256 === digest);
  }

  async #read(): Promise<Token[]> {
    const { mtimeMs } = await stat(this.settings.tokensFile);
    if (this.#known?.at !== mtimeMs) {
      const tokens = tokensFile.parse(JSON.parse(await readFile(this.settings.tokensFile, 'utf8')));
      this.#known = { at: mtimeMs, tokens };
    }
    return this.#known.tokens;
  }
}
