import { uuid, type CustomerCard, type CustomerSummary, type SegmentMember, type SegmentsView } from '@annals/contracts';
import { Anybody, Unauthenticated } from '@annals/service';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { ServiceFailed, Services } from '../services.js';
import { Settings } from '../settings.js';
import { cardView } from './card-view.js';
import { duplicatesView, type DuplicatesPage } from './duplicates-view.js';
import { Clock } from './format.js';
import { html, type Html } from './html.js';
import { layout, PAGE_POLICY } from './layout.js';
import { foundView, startView, type Found } from './search-view.js';
import { isOwnForm, keepToken, tokenOf } from './session.js';
import { signInView } from './sign-in-view.js';
import { membersView, noSegmentsView, segmentsView } from './segments-view.js';
import { FILTERS, foundWordsView, timelineView, type Filters, type TimelinePage } from './timeline-view.js';

const PAGE_SIZE = 25;

/** A field of a form: one that was left empty is not there. */
const field = z.preprocess((value) => (value === '' ? undefined : value), z.string().max(500).optional());

const searchForm = z.object({ query: z.string().max(300).default(''), cursor: field });
const timelineForm = z.object({ ...Object.fromEntries(FILTERS.map((name) => [name, field])), cursor: field });
const wordsForm = z.object({ text: z.string().max(200).default(''), cursor: field });
const signInForm = z.object({ token: z.string().max(4_000).default('') });
const pageForm = z.object({ cursor: field });

const id = { schema: uuid() };

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What a view says, and what the window is called. */
interface View {
  readonly title: string;
  readonly body: Html;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly previous: string | null;
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, value);
  return query.toString();
}

/** The face of the system for people: rendered here, working without JavaScript. */
@ApiExcludeController()
@Controller()
export class PageController {
  readonly #clock: Clock;

  constructor(
    private readonly services: Services,
    private readonly settings: Settings,
  ) {
    this.#clock = new Clock(settings.timeZone);
  }

  @Get()
  @Anybody()
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer({ request, reply }, () => Promise.resolve({ title: 'Search', body: startView() }));
  }

  @Post('search')
  @Anybody()
  @HttpCode(200)
  async search(@Body({ schema: searchForm }) { query, cursor }: z.infer<typeof searchForm>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#answer({ request, reply }, async (services) => {
      const found = await find(services, query.trim(), cursor);
      const [only, second] = found.items;
      const isOnly = only !== undefined && second === undefined && found.next === null && found.previous === null;
      if (isOnly) void reply.header('Location', `/view/customers/${only.id}`).status(303);
      return { title: 'Search', body: foundView(found) };
    });
  }

  @Get('view/customers/:id')
  @Anybody()
  async customer(
    @Param('id', id) customerId: string,
    @Query({ schema: timelineForm }) query: Filters & { readonly cursor?: string },
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { cursor, ...filters } = query;
    const period = { from: this.#clock.startOf(filters.from ?? ''), to: this.#clock.startOf(filters.to ?? '', 1) };
    await this.#answer({ request, reply }, async (services) => {
      const [card, timeline] = await Promise.all([
        services.get<CustomerCard>('projections', `/customers/${customerId}`),
        services.get<TimelinePage>('projections', `/customers/${customerId}/timeline?${queryOf({ ...filters, ...period, cursor, limit: String(PAGE_SIZE) })}`),
      ]);
      const set = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
      return { title: 'Customer', body: html`${cardView(card, this.#clock)}${timelineView(timeline, set, this.#clock)}` };
    });
  }

  @Post('view/customers/:id')
  @Anybody()
  @HttpCode(200)
  async said(
    @Param('id', id) customerId: string,
    @Body({ schema: wordsForm }) { text, cursor }: z.infer<typeof wordsForm>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#answer({ request, reply }, async (services) => {
      const [card, found] = await Promise.all([
        services.get<CustomerCard>('projections', `/customers/${customerId}`),
        services.post<TimelinePage>('projections', `/customers/${customerId}/timeline/search`, { text, cursor, limit: PAGE_SIZE }),
      ]);
      return { title: 'Customer', body: html`${cardView(card, this.#clock)}${foundWordsView(found, text, this.#clock)}` };
    });
  }

  @Get('view/segments')
  @Anybody()
  async segments(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#answer({ request, reply }, async (services) => ({ title: 'Segments', body: await this.#segments(services) }));
  }

  @Get('view/segments/:id')
  @Anybody()
  async members(
    @Param('id', id) segmentId: string,
    @Query({ schema: pageForm }) { cursor }: z.infer<typeof pageForm>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#answer({ request, reply }, async (services) => {
      const query = queryOf({ cursor, limit: String(PAGE_SIZE) });
      const page = await services.get<Page<SegmentMember>>('analytics', `/segments/${segmentId}/members?${query}`);
      return { title: 'Segment', body: membersView(segmentId, page, this.#clock) };
    });
  }

  @Get('view/duplicates')
  @Anybody()
  async duplicates(@Query({ schema: pageForm }) { cursor }: z.infer<typeof pageForm>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#answer({ request, reply }, async (services) => {
      const page = await services.get<DuplicatesPage>('projections', `/customers/duplicates?${queryOf({ cursor, limit: String(PAGE_SIZE) })}`);
      return { title: 'Possible duplicates', body: duplicatesView(page) };
    });
  }

  @Post('sign-in')
  @Anybody()
  signIn(@Body({ schema: signInForm }) { token }: z.infer<typeof signInForm>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    // Nobody may be signed in as somebody else by another site.
    if (isOwnForm(request)) keepToken(request, reply, token.trim());
    void reply.status(303).header('Location', '/').send();
  }

  @Post('sign-out')
  @Anybody()
  signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (isOwnForm(request)) keepToken(request, reply, '');
    void reply.status(303).header('Location', '/').send();
  }

  async #segments(services: Services): Promise<Html> {
    try {
      return segmentsView(await services.get<SegmentsView>('analytics', '/segments'), this.#clock);
    } catch (error) {
      if (error instanceof ServiceFailed && error.problem.status === 404) return noSegmentsView();
      throw error;
    }
  }

  /** Shows the page to who is known, and asks everybody else for a token. */
  async #answer({ request, reply }: Exchange, work: (services: Services) => Promise<View>): Promise<void> {
    if (request.caller === null) return this.#askForToken(reply, request.stranger);
    const isSignedIn = request.caller.actor.assurance !== 'none';
    try {
      this.#send(reply, await work(this.services.as(tokenOf(request))), isSignedIn);
    } catch (error) {
      if (!(error instanceof ServiceFailed)) throw error;
      const { title, status, detail } = error.problem;
      void reply.status(status);
      this.#send(reply, { title, body: html`<h1>${title}</h1><p class="panel notice">${detail}</p><p><a href="/">Back to the search</a></p>` }, isSignedIn);
    }
  }

  #askForToken(reply: FastifyReply, stranger: unknown): void {
    if (!(stranger instanceof Unauthenticated)) throw stranger;
    const reason = stranger.error === undefined ? 'Annals shows its records to those alone who have a token.' : stranger.message;
    void reply.status(401);
    this.#send(reply, { title: 'Sign in', body: signInView(reason) });
  }

  #send(reply: FastifyReply, { title, body }: View, isSignedIn = false): void {
    const page = layout({ title, demo: this.settings.demo, isSignedIn, body });
    void reply.header('Content-Security-Policy', PAGE_POLICY).header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(page.markup);
  }
}

async function find(services: Services, query: string, cursor: string | undefined): Promise<Found> {
  if (query === '') return { query, items: [], next: null, previous: null };
  const page = /^[a-z0-9-]+:\S/.test(query)
    ? await services.get<Page<CustomerSummary>>('projections', `/customers?${queryOf({ reference: query })}`)
    : await services.post<Page<CustomerSummary>>('projections', '/customers/search', { name: query, limit: PAGE_SIZE, cursor });
  return { query, ...page };
}
