import { ReadModels, ReadModelsController, Views } from '@annals/read-models';
import { Log } from '@annals/service';
import { Module, type DynamicModule } from '@nestjs/common';

import { AnalyticsController } from './analytics.controller.js';
import { Trainer } from './trainer.js';

/** What the routes need. */
export interface Parts {
  readonly log: Log;
  readonly readModels: ReadModels;
  readonly trainer: Trainer;
}

/** Analytics: features of customers, models, and the segment that each customer is in. */
@Module({ controllers: [AnalyticsController, ReadModelsController], providers: [Views] })
export class AppModule {
  static on({ log, readModels, trainer }: Parts): DynamicModule {
    return {
      module: AppModule,
      providers: [
        { provide: Log, useValue: log },
        { provide: ReadModels, useValue: readModels },
        { provide: Trainer, useValue: trainer },
      ],
    };
  }
}
