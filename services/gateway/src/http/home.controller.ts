import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BuildRow, RunnerRow, TagRow } from '../read-models/hub.entities.js';
import { ReadModels } from '../read-models/read-models.js';
import { Documented } from './documented.js';
import { homePage } from './home.page.js';
import { origin } from './origin.js';

/** The first page a person sees at our address. */
@ApiTags('pages')
@Controller()
export class HomeController {
  constructor(@Inject(ReadModels) private readonly models: ReadModels) {}

  @Get()
  @Documented({
    id: 'getHome',
    summary: 'The first page for people: builds, repositories, runners',
    gives: 'text/html',
  })
  async home(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { source } = this.models;
    const [builds, tags, runners] = await Promise.all([
      source.getRepository(BuildRow).find({ order: { id: 'DESC' }, take: 20 }),
      source.getRepository(TagRow).find({ order: { name: 'ASC' } }),
      source.getRepository(RunnerRow).find({ order: { name: 'ASC' } }),
    ]);
    await reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(homePage({ builds, tags, runners, origin: origin(request) }));
  }
}
