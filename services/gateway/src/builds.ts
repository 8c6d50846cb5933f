import { text } from 'node:stream/consumers';
import {
  BadRequestException,
  Inject,
  Injectable,
  NotFoundException,
  UnprocessableEntityException,
} from '@nestjs/common';
import { newId } from '@tumbi/contracts';
import { parseDsc } from '@tumbi/deb-mock';
import { type Cause, decide, EventLog } from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE } from '@tumbi/service-host';
import type { FindOptionsWhere } from 'typeorm';
import { LessThan } from 'typeorm';
import type { z } from 'zod';
import { type RequestCommand, request } from './decisions/request.js';
import type { buildDetail, buildPage, buildQuery, buildRequest, buildSummary } from './http/views.js';
import { BuildRow, DebRow } from './read-models/hub.entities.js';
import { ReadModels } from './read-models/read-models.js';
import { type GatewaySettings, SETTINGS } from './settings.js';

type Request = z.output<typeof buildRequest>;
type Upload = Extract<Request['source'], { kind: 'upload' }>;

/** The longest .dsc that is read, in bytes; Debian's are a few kilobytes. */
const MAX_DSC = 1024 * 1024;

/** Builds as people ask for them and look at them. */
@Injectable()
export class Builds {
  constructor(
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(ReadModels) private readonly models: ReadModels,
    @Inject(OBJECT_STORE) readonly store: ObjectStore,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  async request(body: Request, actor: string): Promise<z.input<typeof buildDetail>> {
    const { source } = body;
    if (source.kind === 'upload') await this.#checkUpload(source);
    const id = body.id ?? newId();
    await this.#decide(id, actor, {
      kind: 'request',
      request: {
        source: source.kind === 'archive' ? { ...source, suite: source.suite ?? body.suite } : source,
        suite: body.suite,
        architecture: body.architecture ?? this.settings.architecture,
        tag: body.tag ?? body.suite,
        timeLimit: body.timeLimit ?? this.settings.timeLimit,
      },
    });
    return this.get(id);
  }

  async cancel(id: string, reason: string, actor: string): Promise<z.input<typeof buildDetail>> {
    await this.row(id);
    await this.#decide(id, actor, { kind: 'cancel', reason });
    return this.get(id);
  }

  async #decide(id: string, actor: string, command: RequestCommand): Promise<void> {
    // The build's own id as the cause makes a repeated request the same event.
    const cause: Cause = { id, correlationId: id, actor, isEvent: false };
    const { appended } = await decide(this.log, request, id, command, cause);
    const last = appended.at(-1);
    if (last) await this.models.reached(last.sequence);
  }

  /** The .dsc must list exactly the files that come with it, each with its digest and size, all stored. */
  async #checkUpload(source: Upload): Promise<void> {
    const names = new Set(source.files.map(file => file.name));
    if (names.size !== source.files.length)
      throw new BadRequestException('A file name stands twice in the upload.');
    const dsc = source.files.find(file => file.name === source.dsc);
    if (!dsc || !source.dsc.endsWith('.dsc'))
      throw new BadRequestException(`${source.dsc} must be a .dsc, and one of the files of the upload.`);
    for (const file of source.files) {
      const stored = await this.store.stat(file.sha256);
      if (!stored)
        throw new UnprocessableEntityException(
          `${file.name} is missing: put it to /api/blobs/${file.sha256} first.`,
        );
      if (stored.size !== file.size)
        throw new UnprocessableEntityException(`${file.name} has ${stored.size} bytes, not ${file.size}.`);
    }
    if (dsc.size > MAX_DSC) throw new UnprocessableEntityException(`${dsc.name} is too long for a .dsc.`);
    const listed = parsed(dsc.name, await text(await this.store.get(dsc.sha256)));
    for (const file of listed) {
      const given = source.files.find(one => one.name === file.name);
      if (!given)
        throw new UnprocessableEntityException(
          `${file.name}, which ${dsc.name} lists, is not in the upload.`,
        );
      if (given.sha256 !== file.sha256 || given.size !== file.size)
        throw new UnprocessableEntityException(
          `${file.name} does not match the checksum and size that ${dsc.name} lists.`,
        );
    }
    const extra = source.files.find(file => file !== dsc && !listed.some(one => one.name === file.name));
    if (extra)
      throw new UnprocessableEntityException(`${extra.name} is not listed in ${dsc.name}; leave it out.`);
  }

  async list(query: z.output<typeof buildQuery>): Promise<z.input<typeof buildPage>> {
    const where: FindOptionsWhere<BuildRow> = {};
    if (query.state) where.state = query.state;
    if (query.source) where.source = query.source;
    if (query.tag) where.tag = query.tag;
    if (query.before) where.id = LessThan(query.before);
    const rows = await this.models.source
      .getRepository(BuildRow)
      .find({ where, order: { id: 'DESC' }, take: query.limit + 1 });
    const page = rows.slice(0, query.limit);
    return { builds: page.map(summary), next: rows.length > page.length ? (page.at(-1)?.id ?? null) : null };
  }

  async get(id: string): Promise<z.input<typeof buildDetail>> {
    const row = await this.row(id);
    return {
      ...summary(row),
      request: row.request,
      timeLimit: row.timeLimit,
      attempts: row.attempts,
      debs: await this.#debs(row),
      inputs: row.inputs,
      changes: row.changes,
      buildinfo: row.buildinfo,
      seconds: row.seconds,
    };
  }

  /** @throws NotFoundException */
  async row(id: string): Promise<BuildRow> {
    const row = await this.models.source.getRepository(BuildRow).findOneBy({ id });
    if (!row) throw new NotFoundException(`There is no build ${id}; \`tumbi builds\` lists them.`);
    return row;
  }

  /** The files of a build that can be fetched. */
  async files(id: string) {
    const row = await this.row(id);
    const debs = await this.#debs(row);
    return [
      ...debs.map(deb => ({ ...deb, name: deb.filename, type: 'application/vnd.debian.binary-package' })),
      ...[row.changes, row.buildinfo].flatMap(file =>
        file ? [{ ...file, type: 'text/plain; charset=utf-8' }] : [],
      ),
      ...(row.inputs ? [{ ...row.inputs, name: 'inputs.json', type: 'application/json' }] : []),
    ];
  }

  /** Only the attempt that ended in BuildSucceeded counts. */
  #debs(row: BuildRow): Promise<DebRow[]> {
    const succeeded = row.attempts.find(attempt => attempt.outcome === 'succeeded');
    if (!succeeded) return Promise.resolve([]);
    return this.models.source
      .getRepository(DebRow)
      .find({ where: { build: row.id, attempt: succeeded.attempt }, order: { filename: 'ASC' } });
  }
}

function parsed(name: string, dsc: string) {
  try {
    return parseDsc(dsc).files;
  } catch (error) {
    throw new UnprocessableEntityException(
      `${name} is not a usable .dsc: ${error instanceof Error ? error.message : error}.`,
    );
  }
}

function summary(row: BuildRow): z.input<typeof buildSummary> {
  const last = row.attempts.at(-1);
  return {
    id: row.id,
    source: row.source,
    version: row.version,
    suite: row.suite,
    architecture: row.architecture,
    tag: row.tag,
    state: row.state as z.input<typeof buildSummary>['state'],
    attempt: row.lifecycle.attempt,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    message: last?.message ?? null,
  };
}
