import { setTimeout as sleep } from 'node:timers/promises';

import { EVERYWHERE, FORMAT, type Metadata } from '@annals/contracts';
import { StreamFull } from '@annals/event-store';
import { CommandRejected } from '@annals/kernel';
import { Trouble, type ReadModels } from '@annals/read-models';
import { handle, type Log } from '@annals/service';

import { communication } from '../core/communication.js';
import { linkByAddress } from '../core/link-communication.js';
import { MATCHING } from './matching.read-model.js';

const SERVICE = 'communications';
const LOOK_EVERY_MS = 250;
const PAGE = 1_000;
const IN_FLIGHT = 32;
/** Communications that take no link are left out, so that they are not in the way of others; more than this are tried again. */
const MOST_REFUSED = 10_000;

const TO_LINK = `select communication, owner_then as customer, cause, department from suggestion
  where owner_then is not null and communication <> all($1::uuid[]) order by communication, digest limit ${PAGE}`;

interface ToLink {
  readonly communication: string;
  readonly customer: string;
  readonly cause: string;
  readonly department: string;
}

/**
 * Links communications to the one customer to whom an address belonged when it was used. What is to be linked is a
 * table of the read model, from which the link itself takes it away again; so a crash at any point is mended by looking
 * once more, and the command's id, made of the event that named the address, keeps a repeat from linking twice.
 */
export class Linker {
  readonly #stop = new AbortController();
  readonly #refused = new Set<string>();
  #loop: Promise<void> | undefined;

  constructor(
    private readonly log: Log,
    private readonly readModels: ReadModels,
    private readonly report: (message: string) => void,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const trouble = new Trouble('links by address wait', this.report);
    while (!signal.aborted) {
      try {
        await this.#round();
        trouble.over();
      } catch (error) {
        trouble.met(error);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    if (this.#refused.size >= MOST_REFUSED) this.#refused.clear();
    const found = await this.readModels.reader(MATCHING).query<ToLink>('matching_to_link', TO_LINK, [[...this.#refused]]);
    if (found.length > 0 && !(await this.readModels.areOfTheLog())) return;
    let next = 0;
    const one = async (): Promise<void> => {
      for (let each = found[next++]; each !== undefined && !this.#stop.signal.aborted; each = found[next++]) await this.#link(each);
    };
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, found.length) }, one));
  }

  async #link(link: ToLink): Promise<void> {
    try {
      await handle({
        log: this.log,
        decider: communication,
        stream: `communication-${link.communication}`,
        scope: EVERYWHERE,
        metadata: this.#metadata(link),
        decide: (state) => linkByAddress(link.customer, state, SERVICE),
      });
    } catch (error) {
      if (!(error instanceof CommandRejected || error instanceof StreamFull)) throw error;
      this.#refused.add(link.communication);
      this.report(`a communication takes no link by address: ${error instanceof CommandRejected ? error.code : error.name}`);
    }
  }

  #metadata({ customer, cause, department }: ToLink): Metadata {
    const { identities } = this.log;
    const commandId = identities.commandId(SERVICE, `link ${cause} ${customer}`);
    const occurredAt = new Date().toISOString();
    return {
      format: FORMAT,
      actor: { id: SERVICE, kind: 'system', assurance: 'none' },
      department,
      occurredAt,
      precision: 'instant',
      effectiveAt: occurredAt,
      commandId,
      fingerprint: identities.fingerprint({ customer, cause }),
      correlationId: commandId,
      causationId: cause,
    };
  }
}
