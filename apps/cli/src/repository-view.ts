import type { Repository, Tag } from '@tumbi/api-client';

/** The commands that make apt use a tag's repository. */
export function useCommands(tag: Pick<Tag, 'name'>, repository: Repository): string[] {
  return [
    `curl -fsS ${repository.sources} | sudo tee /etc/apt/sources.list.d/tumbi-${tag.name}.sources >/dev/null`,
    'sudo apt update',
  ];
}
