import { ReadModels, ReadModelsController, Views } from '@annals/read-models';
import { Module, type DynamicModule } from '@nestjs/common';

import { CardController } from './card/card.controller.js';
import { ContactPoints } from './customers/contact-points.js';
import { CustomersController } from './customers/customers.controller.js';
import { DuplicatesController } from './duplicates/duplicates.controller.js';
import { FollowUpsController } from './follow-ups/follow-ups.controller.js';
import { CommunicationsController } from './records/communications/communications.controller.js';
import { ReportController, Zone } from './records/report/report.controller.js';
import { TransactionsController } from './records/transactions/transactions.controller.js';
import { TimelineController } from './timeline/timeline.controller.js';

/** The read models, and the GETs about them. */
@Module({
  controllers: [
    DuplicatesController, CustomersController, CardController, TimelineController, FollowUpsController,
    CommunicationsController, TransactionsController, ReportController, ReadModelsController,
  ],
  providers: [Views],
})
export class AppModule {
  static on(readModels: ReadModels, contactPoints: ContactPoints, zone: Zone): DynamicModule {
    return {
      module: AppModule,
      providers: [
        { provide: ReadModels, useValue: readModels },
        { provide: ContactPoints, useValue: contactPoints },
        { provide: Zone, useValue: zone },
      ],
    };
  }
}
