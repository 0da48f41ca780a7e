import * as contracts from '@annals/contracts';
import { CommandAnswers, FromCall, Log, Roles, WRITERS, type Call } from '@annals/service';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { changeCommunication } from './change.js';
import { addAnnotation } from './core/add-annotation.js';
import { amendAnnotation } from './core/amend-annotation.js';
import { removeAnnotation } from './core/remove-annotation.js';

const id = { schema: contracts.uuid() };

/** Remarks on communications. */
@Controller('communications/:id/annotations')
export class AnnotationsController {
  constructor(private readonly log: Log) {}

  @Post()
  @Roles(...WRITERS)
  @CommandAnswers()
  async annotate(
    @Param('id', id) communicationId: string,
    @Body({ schema: contracts.addAnnotation }) body: contracts.AddAnnotation,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state, command) =>
      addAnnotation(body, state, { id: command.partId(`communication-${communicationId}`)(0), author: command.actorId }),
    );
  }

  @Post(':annotation/amendment')
  @Roles(...WRITERS)
  @CommandAnswers()
  async amendAnnotation(
    @Param('id', id) communicationId: string,
    @Param('annotation', id) annotation: string,
    @Body({ schema: contracts.amendAnnotation }) body: contracts.AmendAnnotation,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state, { actorId }) =>
      amendAnnotation(body, state, { id: annotation, author: actorId }),
    );
  }

  @Post(':annotation/removal')
  @Roles(...WRITERS)
  @CommandAnswers()
  async removeAnnotation(
    @Param('id', id) communicationId: string,
    @Param('annotation', id) annotation: string,
    @Body({ schema: contracts.removeAnnotation }) body: contracts.RemoveAnnotation,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state) => removeAnnotation(body, state, annotation));
  }
}
