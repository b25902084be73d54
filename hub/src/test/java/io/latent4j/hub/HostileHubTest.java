package io.latent4j.hub;

import static io.latent4j.hub.HostileHub.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.latent4j.hub.HubException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub's answers are input: whatever comes, the end is one exception, in time, and nothing half-written is used. */
@Timeout(60)
class HostileHubTest {
    private static final ModelId FILE = ModelId.parse("owner/name/a.bin");
    private static final HubTimes SHORT = new HubTimes(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMillis(50),
            Duration.ofMillis(200),
            Duration.ofMillis(600),
            Duration.ofMillis(300),
            1L << 30);

    @TempDir
    private Path cache;

    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    private HostileHub server;

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private Hub hub(String token, HubTimes times) {
        DownloadListener listener = new DownloadListener() {
            @Override
            public void progress(String file, long done, long total) {}

            @Override
            public void note(String text) {
                notes.add(text);
            }
        };
        HubSettings settings =
                new HubSettings(server.endpoint(), cache, Optional.of(token).filter(text -> !text.isEmpty()), false);
        return new Hub(settings, listener, time -> {}, times);
    }

    private HubException failure() {
        Throwable failure = catchThrowable(() -> hub("", SHORT).file(FILE));
        assertThat(failure).isInstanceOf(HubException.class).hasMessageStartingWith("owner/name");
        assertThat(failure.getMessage().lines()).hasSize(1);
        return (HubException) failure;
    }

    private List<String> cached() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "[]",
                "null",
                "<html>sign in</html>",
                "{\"sha\": 7, \"siblings\": []}",
                "{\"sha\": \"../../x\", \"siblings\": []}",
                "{\"sha\": \"0123456789abcdef0123456789abcdef01234567\"}",
                "{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": \"a.bin\"}",
                "{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [7]}",
                "{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [{\"rfilename\": [1]}]}",
            })
    void aListingThatIsNoneIsNamed(String json) throws IOException {
        server = new HostileHub(
                (request, out) -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: " + json.length() + "\r\n\r\n" + json));
        assertThat(failure().reason()).isEqualTo(Reason.WRONG_ANSWER);
    }

    @Test
    void aListingOfTooManyFilesIsRefused() throws IOException {
        String json = "{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": ["
                + String.join(",", Collections.nCopies(100_001, "{\"rfilename\":\"a\"}")) + "]}";
        server = new HostileHub(
                (request, out) -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: " + json.length() + "\r\n\r\n" + json));
        assertThat(failure())
                .hasMessage(
                        "owner/name/a.bin: the hub answers a listing of 100001 files, where at most 100000 are read;"
                                + " expected a model's files; check HF_ENDPOINT");
    }

    @Test
    void aListingThatDoesNotEndIsRefused() throws IOException {
        server = new HostileHub((request, out) -> {
            send(out, "HTTP/1.1 200 OK\r\n\r\n");
            for (int i = 0; i < 17; i++) {
                send(out, " ".repeat(1 << 20));
            }
        });
        assertThat(failure())
                .hasMessageStartingWith("owner/name/a.bin: the hub answers a listing of more than 16777216 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 abc OK\r\n\r\n",
                "SSH-2.0-OpenSSH_9.6\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"
            })
    void anAnswerThatIsNoHttpIsNamed(String bytes) throws IOException {
        server = new HostileHub((request, out) -> send(out, bytes));
        assertThat(failure().reason()).isIn(Reason.WRONG_ANSWER, Reason.UNREACHABLE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ETag: \"../../evil\"|as the ETag of a.bin",
                "ETag: \"x.incomplete\"|as the ETag of a.bin",
                "ETag: \"nul\"|as the ETag of a.bin",
                "Content-Length: 3|\"\" as the ETag of a.bin",
                "X-Linked-ETag: \"e\"; X-Linked-Size: -5|\"-5\" as the size of a.bin (X-Linked-Size)",
                "X-Linked-ETag: \"e\"; X-Linked-Size: many|\"many\" as the size of a.bin",
                "X-Linked-ETag: \"e\"; X-Linked-Size: 99999999999999999999|as the size of a.bin",
            })
    void whatAFileIsIsCheckedBeforeItIsFetched(String headers, String message) throws IOException {
        server = HostileHub.ofFile(headers.replace("; ", "\r\n"), (request, out) -> {});
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.WRONG_ANSWER);
        assertThat(failure).hasMessageContaining(message);
        assertThat(cached()).isEmpty();
    }

    @Test
    void aSizeThatHasNoRoomIsRefusedBeforeItIsFetched() throws IOException {
        server = HostileHub.ofFile("X-Linked-ETag: \"e\"\r\nX-Linked-Size: 999999999999999999", (request, out) -> {});
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.FILE);
        assertThat(failure).hasMessageContaining("a.bin has 999999999999999999 bytes, and " + cache);
        assertThat(server.asked).noneMatch(request -> request.startsWith("GET /owner"));
    }

    @Test
    void moreThanWasAnnouncedEndsAtOnceWithBothSizes() throws IOException {
        server = HostileHub.ofFile(
                "X-Linked-ETag: \"e\"\r\nX-Linked-Size: 3",
                (request, out) -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"));
        assertThat(failure()).hasMessageContaining("5 bytes for a.bin, which it announced as 3 bytes");
        assertThat(server.asked).hasSize(3);
        assertThat(cached()).isEmpty();
    }

    @Test
    void moreThanWasAnnouncedEndsWhereNoLengthIsSent() throws IOException {
        server = HostileHub.ofFile(
                "X-Linked-ETag: \"e\"\r\nX-Linked-Size: 3",
                (request, out) ->
                        send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"));
        assertThat(failure()).hasMessageContaining("more than 3 bytes for a.bin, which it announced as 3 bytes");
        assertThat(server.asked).hasSize(3);
        assertThat(cached()).isEmpty();
    }

    @Test
    void aBodyThatIsCutAgainAndAgainEndsWithTheFileAndTheSize() throws IOException {
        server = HostileHub.ofFile(
                "X-Linked-ETag: \"e\"\r\nX-Linked-Size: 10",
                (request, out) -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
        HubException failure = failure();
        assertThat(failure.reason()).isIn(Reason.CUT, Reason.SLOW);
        assertThat(failure).hasMessageContaining("a.bin").hasMessageContaining("3");
    }

    @Test
    void aBodyThatStopsIsGivenUpInTimeAndSaysSo() throws IOException {
        server = HostileHub.ofFile("X-Linked-ETag: \"e\"\r\nX-Linked-Size: 10", (request, out) -> {
            send(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            server.hold();
        });
        assertThat(failure().reason()).isIn(Reason.CUT, Reason.SLOW);
        assertThat(notes).anyMatch(note -> note.startsWith("nothing arrives of a.bin at 3 of 10 bytes"));
    }

    @Test
    void aBodyThatDripsIsGivenUpInTime() throws IOException {
        server = HostileHub.ofFile("ETag: \"e\"", (request, out) -> {
            send(out, "HTTP/1.1 200 OK\r\n\r\n");
            drip(out);
        });
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.SLOW);
        assertThat(failure).hasMessageContaining("a.bin arrives too slowly");
    }

    @Test
    void aListingThatDripsIsGivenUpInTime() throws IOException {
        server = new HostileHub((request, out) -> {
            send(out, "HTTP/1.1 200 OK\r\n\r\n");
            drip(out);
        });
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.CUT);
        assertThat(failure).hasMessageContaining("the listing is not complete");
    }

    /** A byte now and then, until the client has enough. */
    private static void drip(OutputStream out) throws IOException, InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        while (!never.await(20, TimeUnit.MILLISECONDS)) {
            send(out, " ");
        }
    }

    @Test
    void aWaitingDownloadEndsByAnInterrupt() throws IOException, InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        server = HostileHub.ofFile("X-Linked-ETag: \"e\"\r\nX-Linked-Size: 10", (request, out) -> {
            send(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            waiting.countDown();
            server.hold();
        });
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(() ->
                failure.set(catchThrowable(() -> hub("", HubTimes.NORMAL).file(FILE))));
        thread.start();
        waiting.await();
        thread.interrupt();
        thread.join();
        assertThat(failure.get()).isInstanceOf(InterruptedIOException.class).hasMessageContaining("interrupted");
    }

    /** A process of its own is killed while it waits for the rest; the next one gets the rest, and nothing is locked. */
    @Test
    void aKilledDownloadIsGoneOnWith() throws IOException, InterruptedException {
        byte[] whole = "0123456789".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        int half = whole.length / 2;
        server = HostileHub.ofFile(
                "X-Linked-ETag: \"" + FakeHub.sha256(whole) + "\"\r\nX-Linked-Size: " + whole.length,
                (request, out) -> {
                    String range = server.asked.get(server.asked.size() - 1).replaceAll("(?s).*bytes=(\\d+)-.*", "$1");
                    if (range.matches("\\d+")) {
                        int from = Integer.parseInt(range);
                        send(
                                out,
                                "HTTP/1.1 206 Partial Content\r\nContent-Length: " + (whole.length - from)
                                        + "\r\nContent-Range: bytes " + from + "-" + (whole.length - 1) + "/"
                                        + whole.length
                                        + "\r\n\r\n");
                        out.write(whole, from, whole.length - from);
                        out.flush();
                        return;
                    }
                    send(out, "HTTP/1.1 200 OK\r\nContent-Length: " + whole.length + "\r\n\r\n");
                    out.write(whole, 0, half);
                    out.flush();
                    server.hold();
                });
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        server.endpoint().toString(),
                        cache.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("some");
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(cache.resolve("models--owner--name/snapshots")).doesNotExist();
        assertThat(hub("", HubTimes.NORMAL).file(FILE)).hasBinaryContent(whole);
        assertThat(server.asked.get(server.asked.size() - 1)).contains("bytes=");
        assertThat(cached()).noneMatch(name -> name.endsWith(".incomplete"));
    }

    /** Downloads, says when bytes are in the cache, and waits for the rest. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            HubSettings settings =
                    new HubSettings(URI.create(arguments[0]), Path.of(arguments[1]), Optional.empty(), false);
            new Hub(settings, (file, done, total) -> {
                        if (done > 0) {
                            System.out.println("some");
                        }
                    })
                    .file(FILE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"file:///etc/passwd", "ftp://host/a", "http://host:99999/a", "http:a", "jar:file:/a!/b", "//"})
    void redirectsToWhatIsNoWebAddressAreRefused(String to) throws IOException {
        server = HostileHub.ofFile(
                "X-Linked-ETag: \"e\"\r\nX-Linked-Size: 3",
                (request, out) -> send(out, "HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n"));
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.WRONG_ANSWER);
        assertThat(failure).hasMessageContaining("a redirect to ");
    }

    @Test
    void theTokenDoesNotFollowToAnotherHost() throws IOException {
        try (HostileHub other =
                new HostileHub((request, out) -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"))) {
            server = HostileHub.ofFile(
                    "X-Linked-ETag: \"e\"\r\nX-Linked-Size: 3",
                    (request, out) -> send(
                            out,
                            "HTTP/1.1 302 Found\r\nLocation: " + other.endpoint() + "/x\r\nContent-Length: 0\r\n\r\n"));
            assertThat(hub("hf_secret", HubTimes.NORMAL).file(FILE)).hasContent("abc");
            assertThat(server.asked).allMatch(request -> request.contains("hf_secret"));
            assertThat(other.asked).hasSize(1).noneMatch(request -> request.contains("hf_secret"));
        }
    }

    /** Of a file of unknown size, all of which an earlier process fetched, the hub has no more bytes. */
    @ParameterizedTest
    @CsvSource({"abc, 0", "xyz, 1"})
    void aWholePartOfUnknownSizeIsUsedOrFetchedAnew(String had, int more) throws IOException {
        String hash = FakeHub.sha256("abc".getBytes(StandardCharsets.US_ASCII));
        Path blobs = Files.createDirectories(cache.resolve("models--owner--name/blobs"));
        Files.writeString(blobs.resolve(hash + ".incomplete"), had);
        server = HostileHub.ofFile("X-Linked-ETag: \"" + hash + "\"", (request, out) -> {
            boolean first = server.asked.size() == 3;
            send(
                    out,
                    first
                            ? "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"
                            : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
        });
        assertThat(hub("", HubTimes.NORMAL).file(FILE)).hasContent("abc");
        assertThat(server.asked).hasSize(3 + more);
    }

    /** The folder of the cache is a file, as good as a disk that takes no more. */
    @Test
    void aCacheThatCannotBeWrittenToIsNamed() throws IOException {
        server = HostileHub.ofFile("X-Linked-ETag: \"e\"\r\nX-Linked-Size: 3", (request, out) -> {});
        Files.writeString(cache.resolve("models--owner--name"), "");
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.FILE);
        assertThat(failure).hasMessageContaining(cache.toString());
    }

    /** Where the system has a device that is always full, a part that leads there shows what a full disk does. */
    @Test
    void aFullDiskIsSaidWithTheFile() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        Path blobs = Files.createDirectories(cache.resolve("models--owner--name/blobs"));
        Files.createSymbolicLink(blobs.resolve("e.incomplete"), full);
        server = HostileHub.ofFile(
                "X-Linked-ETag: \"e\"\r\nX-Linked-Size: 3",
                (request, out) -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        HubException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.FILE);
        assertThat(failure)
                .hasMessageContaining("a.bin cannot be written to " + blobs.resolve("e.incomplete"))
                .hasMessageContaining("No space left");
        assertThatThrownBy(() -> hub("", SHORT).file(FILE)).hasMessageContaining("a.bin");
    }
}
