import type { BuildOutcome, BuildRequest } from './types.js';
/** Builds one source package. Never throws for a failure of the package or of the infrastructure: the outcome says so. */
export async function build(request: BuildRequest): Promise<BuildOutcome> {
  return {
    status: 'failed',
    failure: { class: 'infrastructure', stage: 'source', message: 'not yet' },
    debs: [],
    log: { file: `${request.resultDir}/build.log`, size: 0, lines: 0 },
    seconds: {},
  };
}
