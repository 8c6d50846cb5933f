import { Controller, Get, Inject, NotFoundException, Param, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { tagName } from '@tumbi/contracts';
import type { FastifyRequest } from 'fastify';
import { TagRow } from '../read-models/hub.entities.js';
import { ReadModels } from '../read-models/read-models.js';
import { Documented } from './documented.js';
import { origin } from './origin.js';
import { tag, tagList } from './views.js';

@ApiTags('tags')
@Controller('api/tags')
export class TagsController {
  constructor(@Inject(ReadModels) private readonly models: ReadModels) {}

  @Get()
  @Documented({ id: 'listTags', summary: 'All tags, each an APT repository', gives: tagList })
  async list(@Req() request: FastifyRequest) {
    const rows = await this.models.source.getRepository(TagRow).find({ order: { name: 'ASC' } });
    return { tags: rows.map(row => view(row, origin(request))) };
  }

  @Get(':name')
  @Documented({ id: 'getTag', summary: 'One tag', gives: tag, fails: [400, 404] })
  async get(@Param('name', { schema: tagName }) name: string, @Req() request: FastifyRequest) {
    const row = await this.models.source.getRepository(TagRow).findOneBy({ name });
    if (!row) throw new NotFoundException(`There is no tag ${name}; a build that goes to it makes it.`);
    return view(row, origin(request));
  }
}

function view(row: TagRow, base: string) {
  return {
    name: row.name,
    suite: row.suite,
    createdAt: row.createdAt,
    builds: row.builds,
    repository: row.published && {
      url: `${base}/apt/${row.name}`,
      suite: row.suite,
      sources: `${base}/apt/${row.name}/tumbi.sources`,
      packages: row.published.packages,
      publishedAt: row.published.at,
      keyFingerprint: row.published.keyFingerprint,
    },
  };
}
