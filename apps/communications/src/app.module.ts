import { ReadModels, ReadModelsController, Views } from '@annals/read-models';
import { Log, LogController } from '@annals/service';
import { Module, type DynamicModule } from '@nestjs/common';
import { AnnotationsController } from './annotations.controller.js';
import { CommunicationsController } from './communications.controller.js';
import { DeliveryReportsController } from './delivery-reports.controller.js';
import { FollowUpsController } from './follow-ups.controller.js';
import { UnlinkedController } from './matching/unlinked.controller.js';

/** What the routes need. */
export interface Parts {
  readonly log: Log;
  readonly readModels: ReadModels;
}

/** Communications: what was said, on whatever channel, whom it concerns, and what is to follow. */
@Module({
  controllers: [UnlinkedController, CommunicationsController, DeliveryReportsController, AnnotationsController, FollowUpsController, LogController, ReadModelsController],
  providers: [Views],
})
export class AppModule {
  static on({ log, readModels }: Parts): DynamicModule {
    return {
      module: AppModule,
      providers: [
        { provide: Log, useValue: log },
        { provide: ReadModels, useValue: readModels },
      ],
    };
  }
}
