import { Log, LogController } from '@annals/service';
import { Module, type DynamicModule } from '@nestjs/common';
import { AnnotationsController } from './annotations.controller.js';
import { CommunicationsController } from './communications.controller.js';
import { DeliveryReportsController } from './delivery-reports.controller.js';
import { FollowUpsController } from './follow-ups.controller.js';

/** Communications: what was said, on whatever channel, whom it concerns, and what is to follow. */
@Module({ controllers: [CommunicationsController, DeliveryReportsController, AnnotationsController, FollowUpsController, LogController] })
export class AppModule {
  static on(log: Log): DynamicModule {
    return { module: AppModule, providers: [{ provide: Log, useValue: log }] };
  }
}
