/** `node test/conformance/update.ts [topic…]`: writes the .out files anew with what the machine's lua5.1 prints. */
import { topics, writeExpectations } from './case-file.ts';
import { referenceTranscript } from './transcript.ts';

const wanted = process.argv.slice(2);
for (const topic of topics()) {
  if (wanted.length === 0 || wanted.includes(topic.name)) {
    writeExpectations(topic, referenceTranscript);
  }
}
