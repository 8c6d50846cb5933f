import { z } from 'zod';

/**
 * CloudEvents 1.0 in structured JSON mode: everything that matters is in the bytes that are kept and hashed.
 * `correlationid` and `causationid` follow the CloudEvents correlation extension; `actor` is ours.
 */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().regex(/^\/tumbi\/[a-z-]+$/),
  type: z.string().regex(/^tumbi\.[A-Za-z]+\.v[1-9][0-9]*$/),
  subject: z.string().max(128),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string().max(256),
  correlationid: z.uuid(),
  causationid: z.uuid().optional(),
  actor: z.string().min(1).max(128),
  data: z.unknown(),
});
export type Envelope = z.infer<typeof envelope>;

/** Payloads stay under this, so that a whole event fits a tile entry (C2SP tlog-tiles: 65,535 bytes). */
export const MAX_EVENT_BYTES = 60 * 1024;
