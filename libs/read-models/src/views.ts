import { CATEGORIES, uuid } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { Unavailable } from '@annals/service';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { NotYetVisible, ReadModelUnavailable, UnknownReadModel } from './errors.js';
import { ReadModels, type ReadModelReader } from './read-models.js';

const STREAM_AT = /^([a-z]+)-([^@]+)@(0|[1-9]\d{0,4})$/;
const id = uuid();

/** `?waitFor=<stream>@<revision>`: answer only when the view has applied this event. */
export const waitFor = z
  .string()
  .max(100)
  .refine((text) => {
    const [, category = '', stream = ''] = STREAM_AT.exec(text) ?? [];
    return CATEGORIES.some((known) => known === category) && id.safeParse(stream).success;
  }, { error: 'is not <stream>@<revision>' })
  .optional();

/** The read models as controllers use them: errors become answers. */
@Injectable()
export class Views {
  constructor(private readonly readModels: ReadModels) {}

  /**
   * Reads one read model, after it has applied an event if one is named.
   *
   * @param until - `<stream>@<revision>`, checked by the contract
   */
  async read<Answer>(name: string, until: string | undefined, query: (reader: ReadModelReader) => Promise<Answer>): Promise<Answer> {
    return await answered(async () => {
      if (until !== undefined) {
        const cut = until.lastIndexOf('@');
        await this.readModels.waitFor(name, until.slice(0, cut), Number(until.slice(cut + 1)));
      }
      return await query(this.readModels.reader(name));
    });
  }

  /** Where each read model stands. */
  async status(): ReturnType<ReadModels['status']> {
    return await answered(() => this.readModels.status());
  }

  /** A digest of what a read model holds, its place and what is parked apart. */
  async digest(name: string): Promise<string> {
    return await answered(() => this.readModels.digest(name));
  }

  /** Starts to build a read model anew. */
  async rebuild(name: string): Promise<void> {
    await answered(() => this.readModels.rebuild(name));
  }

  /** Tries the parked streams of a read model again, soon. */
  async retryParked(name: string): Promise<void> {
    await answered(async () => this.readModels.retryParked(name));
  }
}

async function answered<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotYetVisible) throw new Unavailable('not-yet-visible', 'The view has not applied this event yet; try again.');
    if (error instanceof ReadModelUnavailable) throw new Unavailable('read-model-unavailable', 'The view is being built or its database does not answer; try again.');
    if (error instanceof UnknownReadModel) throw new CommandRejected('not-found', 'read-model-not-found', 'There is no read model of this name.');
    throw error;
  }
}
