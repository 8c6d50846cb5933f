import { Controller, Get, Inject, NotFoundException, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { digestOfPoolPath, sourcesEntry } from '@tumbi/apt-repository';
import { repositoryObject, tagName } from '@tumbi/contracts';
import { InvalidName, type ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE } from '@tumbi/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DebRow, TagRow } from '../read-models/hub.entities.js';
import { ReadModels } from '../read-models/read-models.js';
import { sendBlob } from './blob-reply.js';
import { Documented } from './documented.js';
import { origin } from './origin.js';

/** The APT repositories, as unmodified apt reads them. */
@ApiTags('apt')
@Controller('apt/:tag')
export class AptController {
  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(ReadModels) private readonly models: ReadModels,
  ) {}

  @Get('tumbi.sources')
  @Documented({
    id: 'getAptSources',
    summary: 'An entry for /etc/apt/sources.list.d, with the key in it',
    gives: 'text/plain',
    fails: [400, 404],
  })
  async sources(
    @Param('tag', { schema: tagName }) name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const row = await this.models.source.getRepository(TagRow).findOneBy({ name });
    const key = await this.store.getNamed(repositoryObject(name, 'key.asc'));
    if (!row || !key) throw new NotFoundException(`The tag ${name} has no repository yet.`);
    const entry = sourcesEntry({
      uri: `${origin(request)}/apt/${name}`,
      suite: row.suite,
      components: ['main'],
      signedBy: { publicKey: key.toString() },
    });
    await reply.type('text/plain; charset=utf-8').send(entry);
  }

  @Get('*')
  @Documented({
    id: 'getAptFile',
    summary: "A file of the tag's repository",
    gives: 'application/octet-stream',
    fails: [400, 404],
  })
  async file(
    @Param('tag', { schema: tagName }) name: string,
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const digest = digestOfPoolPath(path);
    if (digest) {
      const deb = await this.models.source.getRepository(DebRow).findOneBy({ sha256: digest });
      if (!deb) throw new NotFoundException(`The repository ${name} has no file ${path}.`);
      return sendBlob(request, reply, this.store, deb, 'application/vnd.debian.binary-package');
    }
    const bytes = await this.#named(repositoryObject(name, path));
    if (!bytes) throw new NotFoundException(`The repository ${name} has no file ${path}.`);
    await reply.header('cache-control', 'no-cache').type(mediaType(path)).send(bytes);
  }

  /** A name that no object can have is that of a file that is not there. */
  async #named(object: string): Promise<Buffer | undefined> {
    try {
      return await this.store.getNamed(object);
    } catch (error) {
      if (error instanceof InvalidName) return undefined;
      throw error;
    }
  }
}

function mediaType(path: string): string {
  return /(InRelease|Release|Packages|\.asc|\.gpg)$/.test(path)
    ? 'text/plain; charset=utf-8'
    : 'application/octet-stream';
}
