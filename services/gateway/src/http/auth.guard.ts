import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ROLES, type Role, Tokens } from './tokens.js';

/** The actor in the events that a request makes: `token:<name>`. */
export type Authorized = FastifyRequest & { actor: string };

/** Asks for a token wherever something is written. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(@Inject(Tokens) private readonly tokens: Tokens) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Authorized>();
    if (request.method === 'GET' || request.method === 'HEAD') return true;
    const needed: Role = 'submitter';
    const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!given)
      throw new UnauthorizedException(
        'This needs a token: send it as `Authorization: Bearer TOKEN`. `npm start` says where it keeps the first one.',
      );
    const token = await this.tokens.find(given);
    if (!token) throw new UnauthorizedException('This token is not known here; ask for another one.');
    if (ROLES.indexOf(token.role) < ROLES.indexOf(needed))
      throw new ForbiddenException(
        `The token ${token.name} has the role ${token.role}; this needs ${needed}.`,
      );
    request.actor = `token:${token.name}`;
    return true;
  }
}
