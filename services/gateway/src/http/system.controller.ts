import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeadLetters, EventLog } from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE } from '@tumbi/service-host';
import type { FastifyReply } from 'fastify';
import { RunnerRow } from '../read-models/hub.entities.js';
import { ReadModels } from '../read-models/read-models.js';
import { Documented } from './documented.js';
import { deadLetterList, health, runnerList } from './views.js';

@ApiTags('system')
@Controller('api')
export class SystemController {
  constructor(
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(ReadModels) private readonly models: ReadModels,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
  ) {}

  @Get('health')
  @Documented({ id: 'getHealth', summary: 'Whether every part answers', gives: health })
  async health(@Res({ passthrough: true }) reply: FastifyReply) {
    const problems: string[] = [];
    const check = async (part: string, answer: Promise<unknown>) => {
      await answer.catch(error =>
        problems.push(`${part}: ${error instanceof Error ? error.message : error}`),
      );
    };
    let lastEvent = 0;
    await Promise.all([
      check(
        'event log',
        this.log.lastSequence().then(last => (lastEvent = last)),
      ),
      check('database', this.models.source.query('SELECT 1')),
      check('object store', this.store.check()),
    ]);
    if (problems.length) reply.status(503);
    return { status: problems.length ? 'degraded' : 'ok', lastEvent, problems };
  }

  @Get('runners')
  @Documented({ id: 'listRunners', summary: 'The runners that have registered', gives: runnerList })
  async runners() {
    return { runners: await this.models.source.getRepository(RunnerRow).find({ order: { name: 'ASC' } }) };
  }

  @Get('dead-letters')
  @Documented({
    id: 'listDeadLetters',
    summary: 'Messages that a reader could not use and set aside, the newest first',
    gives: deadLetterList,
  })
  async deadLetters() {
    return { deadLetters: await new DeadLetters(this.log.connection).list() };
  }
}
