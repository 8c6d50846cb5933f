import { Readable, Transform } from 'node:stream';
import {
  Body,
  Controller,
  Head,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  PayloadTooLargeException,
  Put,
  Res,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { sha256 } from '@tumbi/contracts';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE } from '@tumbi/service-host';
import type { FastifyReply } from 'fastify';
import { type GatewaySettings, SETTINGS } from '../settings.js';
import { headOnly } from './blob-reply.js';
import { Documented } from './documented.js';
import { blob } from './views.js';

@ApiTags('blobs')
@Controller('api/blobs')
export class BlobsController {
  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  @Put(':sha256')
  @HttpCode(200)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ description: 'The bytes', required: true, schema: { type: 'string', format: 'binary' } })
  @Documented({
    id: 'putBlob',
    summary: 'Stores a file of a source package under its SHA-256; a body with another digest is refused',
    gives: blob,
    fails: [400, 413, 422, 507],
    writes: true,
  })
  put(@Param('sha256', { schema: sha256 }) digest: string, @Body() body: unknown) {
    if (!(body instanceof Readable))
      throw new UnsupportedMediaTypeException(
        'Send the bytes as they are, with Content-Type: application/octet-stream.',
      );
    return this.store.put(body.pipe(limited(this.settings.maxUpload)), digest);
  }

  @Head(':sha256')
  @Documented({
    id: 'hasBlob',
    summary: 'Whether a blob is there',
    gives: 'application/octet-stream',
    fails: [404],
  })
  async has(@Param('sha256', { schema: sha256 }) digest: string, @Res() reply: FastifyReply) {
    const found = await this.store.stat(digest);
    if (!found) throw new NotFoundException(`There is no blob ${digest}.`);
    await reply.header('content-length', String(found.size)).send(headOnly());
  }
}

/** Passes bytes on and fails when they are too many. */
function limited(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(new PayloadTooLargeException(`A file may have ${bytes} bytes at most.`));
      else done(null, chunk);
    },
  });
}
