/** The object's name of a file in a tag's repository: the artifact store writes it, the gateway serves it. */
export function repositoryObject(tag: string, path: string): string {
  return `apt/${tag}/${path}`;
}
