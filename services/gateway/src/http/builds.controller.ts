import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BuildLogs } from '../build-logs.js';
import { Builds } from '../builds.js';
import type { Authorized } from './auth.guard.js';
import { sendBlob } from './blob-reply.js';
import { Documented } from './documented.js';
import { sendEvents } from './sse.js';
import {
  buildDetail,
  buildId,
  buildPage,
  buildQuery,
  buildRequest,
  cancelRequest,
  logEnd,
  logLines,
  logNote,
} from './views.js';

const attemptQuery = z.object({
  attempt: z.coerce.number().int().min(1).optional().describe('default: the last'),
});

@ApiTags('builds')
@Controller('api/builds')
export class BuildsController {
  constructor(
    @Inject(Builds) private readonly builds: Builds,
    @Inject(BuildLogs) private readonly logs: BuildLogs,
  ) {}

  @Post()
  @Documented({
    id: 'requestBuild',
    summary: 'Asks for a source package to be built',
    status: 201,
    gives: buildDetail,
    fails: [400, 409, 422],
    writes: true,
  })
  request(@Req() request: Authorized, @Body({ schema: buildRequest }) body: z.output<typeof buildRequest>) {
    return this.builds.request(body, request.actor);
  }

  @Get()
  @Documented({ id: 'listBuilds', summary: 'Builds, the newest first', gives: buildPage, fails: [400] })
  list(@Query({ schema: buildQuery }) query: z.output<typeof buildQuery>) {
    return this.builds.list(query);
  }

  @Get(':id')
  @Documented({ id: 'getBuild', summary: 'All about one build', gives: buildDetail, fails: [400, 404] })
  get(@Param('id', { schema: buildId }) id: string) {
    return this.builds.get(id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Documented({
    id: 'cancelBuild',
    summary: 'Stops a build; nothing of it will be published',
    gives: buildDetail,
    fails: [400, 404, 409],
    writes: true,
  })
  cancel(
    @Req() request: Authorized,
    @Param('id', { schema: buildId }) id: string,
    @Body({ schema: cancelRequest }) body: z.output<typeof cancelRequest>,
  ) {
    return this.builds.cancel(id, body.reason, request.actor);
  }

  @Get(':id/log')
  @Documented({
    id: 'getBuildLog',
    summary: 'The stored log of an attempt that has ended',
    gives: 'text/plain',
    fails: [400, 404],
  })
  async log(
    @Param('id', { schema: buildId }) id: string,
    @Query({ schema: attemptQuery }) query: z.output<typeof attemptQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const blob = await this.logs.stored(id, query.attempt);
    await sendBlob(request, reply, this.builds.store, blob, 'text/plain; charset=utf-8');
  }

  @Get(':id/log/stream')
  @Documented({
    id: 'followBuildLog',
    summary:
      'The log as it grows, as server-sent events `log` ({attempt, first, lines}), `note` and, last, `end`; Last-Event-ID resumes',
    gives: { events: { log: logLines, note: logNote, end: logEnd } },
    fails: [400, 404],
  })
  async follow(
    @Param('id', { schema: buildId }) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    await this.builds.row(id);
    const after = String(request.headers['last-event-id'] ?? '');
    await sendEvents(reply, signal => this.logs.follow(id, after, signal));
  }

  @Get(':id/files/:name')
  @Documented({
    id: 'getBuildFile',
    summary: 'A file that the build made: a .deb, the .changes or the .buildinfo; or inputs.json',
    gives: 'application/octet-stream',
    fails: [400, 404],
  })
  async file(
    @Param('id', { schema: buildId }) id: string,
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const file = (await this.builds.files(id)).find(one => one.name === name);
    if (!file) throw new NotFoundException(`Build ${id} has no file ${JSON.stringify(name)}.`);
    await sendBlob(request, reply, this.builds.store, file, file.type);
  }
}
