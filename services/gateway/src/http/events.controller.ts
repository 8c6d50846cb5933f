import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { aggregateSubject, LOG_PREFIX } from '@tumbi/contracts';
import { EventLog, type StoredEvent } from '@tumbi/event-log';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Documented } from './documented.js';
import { type ServerEvent, sendEvents } from './sse.js';
import { eventPage, eventQuery, loggedEvent } from './views.js';

type EventQuery = z.output<typeof eventQuery>;

@ApiTags('events')
@Controller('api/events')
export class EventsController {
  constructor(@Inject(EventLog) private readonly log: EventLog) {}

  @Get()
  @Documented({ id: 'listEvents', summary: 'The history, oldest first', gives: eventPage, fails: [400] })
  async list(@Query({ schema: eventQuery }) query: EventQuery) {
    const from = query.from ?? 1;
    const events = await this.log.page(from, subject(query), query.limit);
    return { events: events.map(view), next: (events.at(-1)?.sequence ?? from - 1) + 1 };
  }

  @Get('stream')
  @Documented({
    id: 'followEvents',
    summary:
      'Events as they are recorded, as server-sent events whose ids are sequences; Last-Event-ID or `from` resumes',
    gives: { events: { message: loggedEvent } },
    fails: [400],
  })
  async follow(
    @Query({ schema: eventQuery }) query: EventQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const last = Number(request.headers['last-event-id']);
    const from = last > 0 ? last + 1 : (query.from ?? (await this.log.lastSequence()) + 1);
    await sendEvents(reply, signal => this.#events(from, query, signal), String(from - 1));
  }

  async *#events(from: number, query: EventQuery, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    for await (const stored of this.log.read({ from, subjects: [subject(query)], signal }))
      yield { id: String(stored.sequence), data: view(stored) };
  }
}

function subject(query: EventQuery): string {
  const of = query.build ? aggregateSubject('build', query.build).slice(0, -2) : `${LOG_PREFIX}.*.*`;
  return query.type ? `${of}.${query.type}.*` : `${of}.>`;
}

/** A stored event for people; bytes that are no JSON are shown as they are, in base64. */
function view(stored: StoredEvent) {
  const { sequence, recordedAt, bytes } = stored;
  try {
    return { sequence, recordedAt, event: JSON.parse(Buffer.from(bytes).toString()) };
  } catch {
    return {
      sequence,
      recordedAt,
      event: { subject: stored.subject, base64: Buffer.from(bytes).toString('base64') },
    };
  }
}
