package io.latent4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One file on its way into the cache. What has arrived stays when it is cut, and is not fetched again. */
final class Download {
    private static final int MOST_TRIES_WITHOUT_PROGRESS = 5;
    private static final int BUFFER = 1 << 20;
    private static final int SHA_256_LENGTH = 64;
    private static final int SHA_1_LENGTH = 40;

    private final HubClient client;
    private final DownloadListener listener;
    private final HubClient.Pause pause;
    private final ModelId model;
    private final String commit;
    private final String file;
    private final HubClient.FileFacts facts;

    Download(
            HubClient client,
            DownloadListener listener,
            HubClient.Pause pause,
            ModelId model,
            String commit,
            String file,
            HubClient.FileFacts facts) {
        this.client = client;
        this.listener = listener;
        this.pause = pause;
        this.model = model;
        this.commit = commit;
        this.file = file;
        this.facts = facts;
    }

    /** Fetches what is missing and puts it in its place; the blob is locked. */
    void to(HubCache cache) throws IOException, InterruptedException {
        Path part = cache.incomplete(facts.etag());
        int tries = 0;
        while (!isWhole(part)) {
            long before = size(part);
            try {
                receive(part, before);
                if (facts.size().isEmpty()) {
                    break; // the end is where the hub ends it
                }
            } catch (HubUnreachable e) {
                throw e;
            } catch (IOException e) {
                if (size(part) <= before && ++tries >= MOST_TRIES_WITHOUT_PROGRESS) {
                    throw e;
                }
            }
            tries = size(part) > before ? 0 : tries + 1;
            if (tries >= MOST_TRIES_WITHOUT_PROGRESS) {
                throw new IOException(model + ": the download of " + file + " stops at " + size(part) + " of "
                        + facts.size().orElse(-1) + " bytes; run it again to go on from there");
            }
            if (!isWhole(part)) {
                listener.note(file + " was cut at " + size(part) + " bytes; going on from there");
                pause.wait(HubClient.backOff(tries + 1));
            }
        }
        verify(part);
        Files.move(part, cache.blob(facts.etag()), StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean isWhole(Path part) throws IOException {
        if (facts.size().isEmpty() || !Files.exists(part)) {
            return false;
        }
        if (size(part) > facts.size().getAsLong()) {
            Files.delete(part); // of another file, or of two at once
            return false;
        }
        return size(part) == facts.size().getAsLong();
    }

    private static long size(Path part) throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private void receive(Path part, long have) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.open(model, commit, file, have);
        boolean goesOn = response.statusCode() == 206
                && response.headers()
                        .firstValue("Content-Range")
                        .filter(range -> range.startsWith("bytes " + have + "-"))
                        .isPresent();
        long done = goesOn ? have : 0;
        try (InputStream in = response.body();
                OutputStream out = goesOn
                        ? Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                        : Files.newOutputStream(part)) {
            if (response.statusCode() == 206 && !goesOn) {
                throw new IOException(model + ": the hub sends another part of " + file + " than was asked for");
            }
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
                done += count;
                listener.progress(file, done, facts.size().orElse(-1));
                if (facts.size().isPresent() && done > facts.size().getAsLong()) {
                    throw new IOException(model + ": the hub sends more of " + file + " than its "
                            + facts.size().getAsLong() + " bytes");
                }
            }
        }
    }

    /** Compares the hash that the ETag is: SHA-256 of large files, git's SHA-1 of small ones. */
    private void verify(Path part) throws IOException {
        String etag = facts.etag();
        if (!etag.matches("[0-9a-f]+") || (etag.length() != SHA_256_LENGTH && etag.length() != SHA_1_LENGTH)) {
            return; // another server's, of which nothing is known
        }
        MessageDigest digest = digest(etag.length() == SHA_256_LENGTH ? "SHA-256" : "SHA-1");
        if (etag.length() == SHA_1_LENGTH) {
            digest.update(("blob " + Files.size(part) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        try (InputStream in = Files.newInputStream(part)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(etag)) {
            Files.delete(part);
            throw new IOException(model + ": " + file + " arrived with the hash " + found + "; expected " + etag
                    + "; it was thrown away: run the download again");
        }
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has " + name, e);
        }
    }
}
