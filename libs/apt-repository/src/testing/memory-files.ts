import type { RepositoryFiles } from '../repository.js';

/** A repository in memory that notes each change, and can be made to break off after some of them. */
export class MemoryFiles implements RepositoryFiles {
  readonly contents = new Map<string, Uint8Array>();
  readonly changes: string[] = [];
  breakAfter = Number.POSITIVE_INFINITY;

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.contents.get(path);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#change(`write ${path}`);
    this.contents.set(path, bytes);
  }

  async remove(path: string): Promise<void> {
    this.#change(`remove ${path}`);
    this.contents.delete(path);
  }

  async *list(prefix: string): AsyncIterable<string> {
    yield* [...this.contents.keys()].filter(path => path.startsWith(prefix));
  }

  text(path: string): string {
    return Buffer.from(this.contents.get(path) ?? '').toString();
  }

  #change(change: string): void {
    if (this.changes.length >= this.breakAfter) throw new Error('broken off');
    this.changes.push(change);
  }
}
