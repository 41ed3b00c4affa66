#!/usr/bin/env node
import { launch } from './launch.js';

launch('heka-sbmgrload', { isolates: false });
