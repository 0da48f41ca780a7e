import { Module, type DynamicModule } from '@nestjs/common';

import { PageController } from './page/page.controller.js';
import { Services } from './services.js';
import { Settings } from './settings.js';
import { StatusController } from './status.controller.js';

/** The front door: what it answers itself. Everything else is passed on, by the table in routes.ts. */
@Module({ controllers: [PageController, StatusController] })
export class AppModule {
  static on(services: Services, settings: Settings): DynamicModule {
    return {
      module: AppModule,
      providers: [
        { provide: Services, useValue: services },
        { provide: Settings, useValue: settings },
      ],
    };
  }
}
