// Sends a file with the client that other people's pages use, in small pieces, and says where it is.
import { createReadStream, statSync } from "node:fs";
import { Upload } from "tus-js-client";

const [, , endpoint, file] = process.argv;
const upload = new Upload(createReadStream(file), {
  endpoint,
  uploadSize: statSync(file).size,
  chunkSize: 1_000_000,
  metadata: { filename: "IMG 1.mp4" },
  onError: (error) => {
    console.error(error.message);
    process.exit(1);
  },
  onSuccess: () => console.log(upload.url),
});
upload.start();
