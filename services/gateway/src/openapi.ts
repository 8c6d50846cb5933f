import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

/** The API's description, OpenAPI 3.1, from the schemas that check it. */
export function openApi(application: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tumbi')
    .setDescription('Builds Debian source packages and publishes them as APT repositories.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .build();
  return SwaggerModule.createDocument(application, config, { standardSchemaConverter: convert });
}

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
function convert(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: schemaType, unrepresentable: 'any' });
  return { schema: rest as Record<string, unknown> };
}
