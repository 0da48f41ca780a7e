import { FORMAT, within, type Category, type CommandMeta, type ExternalReference, type Metadata, type Scope } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Identities } from '@annals/sealing';
import type { Call } from './call.js';
import { ContractBroken } from './contract.js';

const NO_DEPARTMENT = 'default';

/** What every command's body has: its own fields come beside these. */
export interface CommandBody {
  readonly meta?: CommandMeta | undefined;
  readonly key?: string | undefined;
}

/** When something happened in the world. */
export interface Occurrence {
  /** ISO 8601 in UTC, with milliseconds. */
  readonly occurredAt: string;
  readonly precision: Metadata['precision'];
}

/** A command as it came: its body parsed, and its identity. */
export class Command<Body extends CommandBody = CommandBody> {
  /** UUID made of client and Idempotency-Key. */
  readonly id: string;
  readonly ifMatch: number | undefined;
  readonly #fingerprint: string;

  /**
   * @param body - parsed
   * @param sent - the same as it was sent: defaults may change, what was said may not
   * @param key - the Idempotency-Key
   */
  constructor(
    private readonly identities: Identities,
    private readonly call: Omit<Call, 'reply'>,
    readonly body: Body,
    { sent, key }: { readonly sent: unknown; readonly key: string } = call,
  ) {
    this.id = identities.commandId(call.actor.id, key);
    this.ifMatch = call.ifMatch;
    this.#fingerprint = identities.fingerprint(whatIsSaid(sent));
  }

  /** What whoever sent it may see. */
  get scope(): Scope {
    return this.call.scope;
  }

  /** Who sent it. */
  get actorId(): string {
    return this.call.actor.id;
  }

  /**
   * The envelope of this command's events.
   *
   * @throws ContractBroken where no department is said and the sender has not one alone; CommandRejected
   * `department-not-in-scope`
   * @param unsaid - when it happened, where the body's `meta` says nothing: now, if absent
   */
  metadata(unsaid?: Occurrence): Metadata {
    const { actor, correlationId, traceparent } = this.call;
    const { department = this.#ownDepartment(), source, zone, ...said } = this.body.meta ?? {};
    if (!within(this.scope, department)) throw new CommandRejected('forbidden', 'department-not-in-scope', 'You may not act for this department.');
    // What is said of the precision belongs to what is said of the time; the record's own precision to its own time.
    const { occurredAt, precision } = said.occurredAt === undefined ? (unsaid ?? now()) : { occurredAt: said.occurredAt, precision: 'instant' as const };
    return {
      format: FORMAT,
      actor,
      department,
      source,
      occurredAt,
      precision: said.precision ?? precision,
      zone,
      effectiveAt: said.effectiveAt ?? occurredAt,
      commandId: this.id,
      fingerprint: this.#fingerprint,
      correlationId,
      traceparent,
    };
  }

  /** The one that the sender acts for, where that is one. */
  #ownDepartment(): string {
    const { actor, scope } = this.call;
    if (actor.assurance === 'none') return NO_DEPARTMENT;
    const [only, ...others] = scope.departments === 'all' ? [] : scope.departments;
    if (only === undefined || others.length > 0) throw new ContractBroken([{ pointer: '/meta/department', detail: 'is missing, and your token is not of one department alone' }]);
    return only;
  }

  /** Makes ids for parts of the record, the same when the command is repeated. */
  partId(stream: string): (index: number) => string {
    // Named apart from every stream, so that no part shares an id with an event.
    return (index) => this.identities.eventId(this.id, `${stream}/parts`, index);
  }
}

/**
 * What a call sent to one of several routes of a record whose bodies may look alike: a key that was used for one
 * of them is used.
 *
 * @param route - the last part of the route
 */
export function sentTo(route: string, { sent, key }: Pick<Call, 'sent' | 'key'>): { readonly sent: unknown; readonly key: string } {
  return { sent: isRecord(sent) ? { ...sent, route } : sent, key };
}

function now(): Occurrence {
  return { occurredAt: new Date().toISOString(), precision: 'instant' };
}

/** A body without its key and without where this copy of it came from: two copies that say the same are equal. */
function whatIsSaid(sent: unknown): unknown {
  if (!isRecord(sent)) return sent;
  const meta = isRecord(sent.meta) ? { ...sent.meta, source: undefined } : {};
  const saysMore = Object.values(meta).some((value) => value !== undefined);
  return { ...sent, key: undefined, meta: saysMore ? meta : undefined };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The id of a record that is made by a command: the reference's, else the caller's, else one made of the command.
 *
 * @throws CommandRejected where the caller names an id beside a reference, which has an id of its own
 */
export function recordId(
  identities: Identities,
  category: Category,
  command: Command<CommandBody & { readonly id?: string | undefined; readonly reference?: ExternalReference | undefined }>,
): string {
  const { id, reference } = command.body;
  if (reference === undefined) return id ?? identities.recordId(category, command.id);
  const referenced = identities.referencedId(category, reference.system, reference.id);
  if (id === undefined || id === referenced) return referenced;
  throw new CommandRejected('conflict', `${category}-id-differs`, 'A record with a reference gets its id from the reference: leave the id out.');
}
