package io.latent4j.hub;

import io.latent4j.hub.HubException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One file on its way into the cache. What has arrived stays when it is cut, and is not fetched again. */
final class Download {
    private static final int MOST_TRIES_WITHOUT_PROGRESS = 5;
    private static final int BUFFER = 1 << 20;
    private static final int SHA_256_LENGTH = 64;
    private static final int SHA_1_LENGTH = 40;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

    private final HubClient client;
    private final DownloadListener listener;
    private final HubClient.Pause pause;
    private final HubTimes times;
    private final ModelId model;
    private final String commit;
    private final String file;
    private final HubClient.FileFacts facts;
    private long received;

    Download(
            HubClient client,
            DownloadListener listener,
            HubClient.Pause pause,
            HubTimes times,
            ModelId model,
            String commit,
            String file,
            HubClient.FileFacts facts) {
        this.client = client;
        this.listener = listener;
        this.pause = pause;
        this.times = times;
        this.model = model;
        this.commit = commit;
        this.file = file;
        this.facts = facts;
    }

    /** Fetches what is missing and puts it in its place; the blob is locked. */
    void to(HubCache cache) throws IOException, InterruptedException {
        Path part = cache.incomplete(facts.etag());
        if (facts.size().isPresent() && size(part) > facts.size().getAsLong()) {
            Files.delete(part); // of another file, or of two at once
        }
        checkRoom(part);
        fetch(part);
        verify(part);
        Files.move(part, cache.blob(facts.etag()), StandardCopyOption.ATOMIC_MOVE);
    }

    private void fetch(Path part) throws IOException, InterruptedException {
        long start = System.nanoTime();
        int tries = 0;
        while (!isWhole(part)) {
            long before = size(part);
            Optional<HubException> cut = Optional.empty();
            try {
                if (receive(part, before, start) && facts.size().isEmpty()) {
                    return; // the end is where the hub ends it
                }
            } catch (HubException e) {
                if (e.reason() != Reason.CUT) {
                    throw e;
                }
                cut = Optional.of(e);
            }
            if (isWhole(part)) {
                return;
            }
            checkSpeed(start);
            tries = size(part) > before ? 0 : tries + 1;
            if (tries >= MOST_TRIES_WITHOUT_PROGRESS) {
                throw new HubException(
                        Reason.CUT,
                        model + ": the download of " + file + " stops at " + ofAll(size(part))
                                + cut.map(e -> " (" + e.getMessage() + ")").orElse("")
                                + "; run it again to go on from there",
                        cut.orElse(null));
            }
            listener.note(file + " was cut at " + ofAll(size(part)) + "; going on from there");
            pause.wait(HubClient.backOff(tries + 1));
        }
    }

    private String ofAll(long bytes) {
        return bytes + (facts.size().isPresent() ? " of " + facts.size().getAsLong() : "") + " bytes";
    }

    private boolean isWhole(Path part) throws IOException {
        return facts.size().isPresent()
                && Files.exists(part)
                && size(part) == facts.size().getAsLong();
    }

    private static long size(Path part) throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private void checkRoom(Path part) throws IOException {
        long room = Files.getFileStore(part.getParent()).getUsableSpace();
        if (facts.size().isPresent() && facts.size().getAsLong() - size(part) > room) {
            throw new HubException(
                    Reason.FILE,
                    model + ": " + file + " has " + facts.size().getAsLong() + " bytes, and " + part.getParent()
                            + " has room for " + room + "; make room, or set HF_HUB_CACHE to another folder");
        }
    }

    private void checkSpeed(long start) throws HubException {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        if (times.isTooSlow(received, elapsed)) {
            throw new HubException(
                    Reason.SLOW,
                    model + ": " + file + " arrives too slowly: " + received + " bytes in " + elapsed.toSeconds()
                            + " s; expected " + times.slowest() + " a second at least; what has arrived is kept");
        }
    }

    /** Whether the hub ended the answer, and did not cut it. */
    private boolean receive(Path part, long have, long start) throws IOException, InterruptedException {
        try (HubClient.Answer answer = client.open(model, commit, file, have)) {
            if (answer.status() == 416) { // there are no bytes from here on
                if (matches(part)) {
                    return true;
                }
                Files.deleteIfExists(part);
                throw new HubException(Reason.CUT, "the hub has no more than " + have + " bytes; beginning again");
            }
            boolean goesOn = answer.status() == 206 && from(answer.headers()).equals(OptionalLong.of(have));
            if (answer.status() == 206 && !goesOn) {
                throw new HubException(Reason.CUT, "the hub sends another part than was asked for");
            }
            checkSize(answer.headers(), goesOn);
            write(answer.body(), part, goesOn ? have : 0, start);
            return true;
        }
    }

    private static OptionalLong from(HttpHeaders headers) {
        Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        return range.matches() ? OptionalLong.of(Long.parseLong(range.group(1))) : OptionalLong.empty();
    }

    /** Compares what the store says of the file's size with what the hub says. */
    private void checkSize(HttpHeaders headers, boolean goesOn) throws HubException {
        OptionalLong size;
        if (goesOn) {
            Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
            size = range.matches() && !range.group(2).equals("*")
                    ? OptionalLong.of(Long.parseLong(range.group(2)))
                    : OptionalLong.empty();
        } else {
            size = HubClient.number(model, file, headers, "Content-Length");
        }
        if (size.isPresent() && facts.size().isPresent() && !size.equals(facts.size())) {
            throw wrongSize(size.getAsLong() + " bytes");
        }
    }

    private HubException wrongSize(String sent) {
        return HubException.wrongAnswer(
                model,
                sent + " for " + file + ", which it announced as "
                        + facts.size().orElse(-1) + " bytes",
                null);
    }

    private void write(Body body, Path part, long have, long start) throws IOException, InterruptedException {
        long done = have;
        try (FileChannel out = opened(part, have)) {
            while (true) {
                Optional<List<ByteBuffer>> bytes = next(body, done);
                if (bytes.isEmpty()) {
                    return;
                }
                for (ByteBuffer buffer : bytes.get()) {
                    received += buffer.remaining();
                    done += buffer.remaining();
                    write(out, buffer, part);
                }
                listener.progress(file, done, facts.size().orElse(-1));
                if (facts.size().isPresent() && done > facts.size().getAsLong()) {
                    Files.deleteIfExists(part);
                    throw wrongSize("more than " + facts.size().getAsLong() + " bytes");
                }
                checkSpeed(start);
            }
        }
    }

    private FileChannel opened(Path part, long have) throws HubException {
        try {
            return have > 0
                    ? FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.APPEND)
                    : FileChannel.open(
                            part,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw HubException.file(model, file + " cannot be written to " + part, e);
        }
    }

    private Optional<List<ByteBuffer>> next(Body body, long done) throws HubException, InterruptedException {
        try {
            return body.next(
                    times.stall(),
                    times.notice(),
                    () -> listener.note("nothing arrives of " + file + " at " + ofAll(done) + "; waiting up to "
                            + times.stall().toSeconds() + " s"));
        } catch (IOException e) {
            throw new HubException(Reason.CUT, HubException.text(e), e);
        }
    }

    private void write(FileChannel out, ByteBuffer buffer, Path part) throws IOException {
        try {
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw HubException.file(model, file + " cannot be written to " + part, e);
        }
    }

    private boolean hasHash() {
        String etag = facts.etag();
        return etag.matches("[0-9a-f]+") && (etag.length() == SHA_256_LENGTH || etag.length() == SHA_1_LENGTH);
    }

    private boolean matches(Path part) throws IOException {
        return hasHash() && Files.exists(part) && hash(part).equals(facts.etag());
    }

    /** Compares the hash that the ETag is: SHA-256 of large files, git's SHA-1 of small ones. */
    private void verify(Path part) throws IOException {
        if (!hasHash()) {
            return; // another server's, of which nothing is known
        }
        String found = hash(part);
        if (!found.equals(facts.etag())) {
            Files.delete(part);
            throw new HubException(
                    Reason.WRONG_ANSWER,
                    model + ": " + file + " arrived with the hash " + found + "; expected " + facts.etag()
                            + "; it was thrown away: run the download again");
        }
    }

    private String hash(Path part) throws IOException {
        MessageDigest digest = digest(facts.etag().length() == SHA_256_LENGTH ? "SHA-256" : "SHA-1");
        if (facts.etag().length() == SHA_1_LENGTH) {
            digest.update(("blob " + Files.size(part) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        try (InputStream in = Files.newInputStream(part)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has " + name, e);
        }
    }
}
