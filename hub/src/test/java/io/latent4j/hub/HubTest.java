package io.latent4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HubTest {
    private static final ModelId MODEL = ModelId.parse("owner/name");
    private static final ModelId FILE = ModelId.parse("owner/name/a.safetensors");
    private static final byte[] WEIGHTS = new byte[100_000];

    @TempDir
    Path cache;

    private final List<Duration> waits = new ArrayList<>();
    private FakeHub server;

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < WEIGHTS.length; i++) {
            WEIGHTS[i] = (byte) (i * 31);
        }
        server = new FakeHub();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Hub hub(Optional<String> token, boolean offline) {
        return new Hub(
                new HubSettings(server.endpoint(), cache, token, offline),
                DownloadListener.silent(),
                waits::add,
                HubTimes.NORMAL);
    }

    private Hub hub() {
        return hub(Optional.empty(), false);
    }

    private void diffusersModel() {
        server.with(
                        "model_index.json",
                        "{\"_class_name\": \"X\", \"unet\": [\"diffusers\", \"U\"], \"vae\": [\"diffusers\", \"V\"],"
                                + " \"tokenizer\": [\"t\", \"C\"], \"scheduler\": [\"diffusers\", \"S\"],"
                                + " \"safety_checker\": [\"s\", \"S\"], \"image_encoder\": [null, null]}")
                .with("README.md", "no")
                .with("scheduler/scheduler_config.json", "{}")
                .with("tokenizer/vocab.json", "{}")
                .with("tokenizer/merges.txt", "")
                .with("unet/config.json", "{}")
                .with("unet/diffusion_pytorch_model.safetensors", WEIGHTS)
                .with("unet/diffusion_pytorch_model.bin", (byte) 1)
                .with("unet/diffusion_pytorch_model.fp16.safetensors", (byte) 2)
                .with("vae/config.json", "{}")
                .with("vae/diffusion_pytorch_model.safetensors.index.json", "{}")
                .with("vae/diffusion_pytorch_model-00001-of-00002.safetensors", (byte) 3)
                .with("vae/diffusion_pytorch_model-00002-of-00002.safetensors", (byte) 4)
                .with("vae/diffusion_pytorch_model.fp16.safetensors", (byte) 5)
                .with("safety_checker/model.safetensors", (byte) 6)
                .with("big.safetensors", (byte) 7);
    }

    @Test
    void aModelIsItsSettingsAndEachWeightOnce() throws IOException {
        diffusersModel();
        Path root = hub().model(MODEL, Optional.empty());
        assertThat(files(root))
                .containsExactlyInAnyOrder(
                        "model_index.json",
                        "scheduler/scheduler_config.json",
                        "tokenizer/vocab.json",
                        "tokenizer/merges.txt",
                        "unet/config.json",
                        "unet/diffusion_pytorch_model.safetensors",
                        "vae/config.json",
                        "vae/diffusion_pytorch_model.safetensors.index.json",
                        "vae/diffusion_pytorch_model-00001-of-00002.safetensors",
                        "vae/diffusion_pytorch_model-00002-of-00002.safetensors");
        assertThat(Files.readAllBytes(root.resolve("unet/diffusion_pytorch_model.safetensors")))
                .isEqualTo(WEIGHTS);
    }

    @Test
    void aVariantIsTakenInsteadOfThePlainWeights() throws IOException {
        diffusersModel();
        assertThat(files(hub().model(MODEL, Optional.of("fp16"))))
                .contains(
                        "unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.fp16.safetensors")
                .noneMatch(name -> name.endsWith("model.safetensors"));
        assertThatThrownBy(() -> hub().model(MODEL, Optional.of("ema")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no weights of the variant ema in unet/");
        assertThat(files(hub().modelOrPlain(MODEL, Optional.of("ema"))))
                .contains("unet/diffusion_pytorch_model.safetensors");
    }

    @Test
    void aFileBringsThoseBesideItThatThereAre() throws IOException {
        server.with("a/b.safetensors", WEIGHTS).with("a/config.json", "{}").with("config.json", "[]");
        Path file = hub().file(ModelId.parse("owner/name/a/b.safetensors"), List.of("config.json", "none.json"));
        assertThat(file).hasBinaryContent(WEIGHTS);
        assertThat(file.resolveSibling("config.json")).hasContent("{}");
        assertThat(files(file.getParent())).hasSize(2);
    }

    @Test
    void aPartIsItsSettingsAndItsWeights() throws IOException {
        diffusersModel();
        Path vae = hub().part(ModelId.parse("owner/name/vae"), Optional.of("fp16"));
        assertThat(files(vae)).containsExactlyInAnyOrder("config.json", "diffusion_pytorch_model.fp16.safetensors");
        assertThatThrownBy(() -> hub().part(MODEL, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has no config.json")
                .hasMessageContaining("owner/name/vae");
        Path other = hub().part(ModelId.parse("owner/name/vae"), Optional.of("ema"));
        assertThat(files(other)).contains("diffusion_pytorch_model.safetensors.index.json");
        server.with("config.json", "{}").with("diffusion_pytorch_model.safetensors", WEIGHTS);
        Path root = hub().part(MODEL, Optional.empty());
        assertThat(root.resolve("config.json")).hasContent("{}");
        assertThat(root.resolve("diffusion_pytorch_model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void theCacheIsLaidOutAsOtherToolsExpectIt() throws IOException {
        server.with("a.safetensors", WEIGHTS).with("config.json", "{}");
        Path file = hub().file(FILE);
        Path root = cache.resolve("models--owner--name");
        assertThat(file)
                .isEqualTo(root.resolve("snapshots").resolve(FakeHub.COMMIT).resolve("a.safetensors"));
        assertThat(root.resolve("refs/main")).hasContent(FakeHub.COMMIT);
        Path blob = root.resolve("blobs").resolve(FakeHub.sha256(WEIGHTS));
        assertThat(blob).hasBinaryContent(WEIGHTS);
        assertThat(Files.readSymbolicLink(file))
                .isEqualTo(Path.of("../../blobs").resolve(blob.getFileName()));
        assertThat(files(root.resolve("blobs"))).containsExactly(FakeHub.sha256(WEIGHTS));
    }

    @Test
    void whatIsInTheCacheIsNotFetchedAgain() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        hub().file(FILE);
        server.asked.clear();
        hub().file(FILE);
        assertThat(server.asked).containsExactly("GET /api/models/owner/name/revision/main - -");
        assertThat(server.askedOfStore).hasSize(1);
        server.asked.clear();
        hub().file(ModelId.parse("owner/name/a.safetensors@" + FakeHub.COMMIT));
        assertThat(server.asked).isEmpty(); // a commit does not change
    }

    @Test
    void theTokenGoesToTheHubAndNowhereElse() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        hub(Optional.of("hf_secret"), false).file(FILE);
        assertThat(server.asked).hasSize(3).allMatch(line -> line.endsWith(" Bearer hf_secret"));
        assertThat(server.askedOfStore).containsExactly("GET /a.safetensors - -");
        assertThat(new HubSettings(server.endpoint(), cache, Optional.of("hf_secret"), false).toString())
                .doesNotContain("hf_secret");
    }

    @Test
    void aDownloadThatIsCutGoesOnWhereItStopped() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        server.cuts.addAll(List.of(30_000, 30_000));
        assertThat(hub().file(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(server.askedOfStore).hasSize(3);
        assertThat(server.askedOfStore.get(1)).matches("GET /a.safetensors bytes=\\d+- -");
        assertThat(server.askedOfStore.get(2)).matches("GET /a.safetensors bytes=\\d+- -");
    }

    @Test
    void whereOnlyWholeFilesAreSentADownloadBeginsAgain() throws IOException {
        server.with("a.safetensors", WEIGHTS).ignoringRanges();
        server.cuts.addAll(List.of(30_000, 60_000));
        assertThat(hub().file(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(server.askedOfStore).hasSize(3);
        assertThat(server.askedOfStore.get(2)).matches("GET /a.safetensors bytes=\\d+- -");
    }

    @Test
    void redirectsThatLeadNowhereEnd() {
        server.with("a.safetensors", WEIGHTS).redirectingForEver();
        assertThatThrownBy(() -> hub().file(FILE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 8 redirects for a.safetensors");
        assertThat(server.asked).hasSize(1 + 8); // the listing, and the file
    }

    /** What is asked for over a connection that nobody reads is not taken from one that anybody can change. */
    @ParameterizedTest
    @ValueSource(strings = {"http://store.example/a", "http://hub.example/b", "ftp://hub.example/a", "file:///etc/a"})
    void aRedirectToAWeakerConnectionIsNotFollowed(String to) {
        URI from = URI.create("https://hub.example/a");
        assertThatThrownBy(() -> HubClient.redirected(MODEL, from, Optional.of(to)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a redirect to " + URI.create(to).getScheme() + "://");
    }

    @Test
    void otherRedirectsAreFollowed() throws IOException {
        URI from = URI.create("https://hub.example/a");
        assertThat(HubClient.redirected(MODEL, from, Optional.of("https://store.example/b")))
                .hasToString("https://store.example/b");
        assertThat(HubClient.redirected(MODEL, from, Optional.of("/b"))).hasToString("https://hub.example/b");
        assertThatThrownBy(() -> HubClient.redirected(MODEL, from, Optional.empty()))
                .hasMessageContaining("a redirect to nowhere");
    }

    @Test
    void whatAnEarlierProcessLeftIsKept() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        Path blobs = Files.createDirectories(cache.resolve("models--owner--name/blobs"));
        Path part = blobs.resolve(FakeHub.sha256(WEIGHTS) + ".incomplete");
        Files.write(part, Arrays.copyOf(WEIGHTS, 60_000));
        assertThat(hub().file(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(server.askedOfStore).containsExactly("GET /a.safetensors bytes=60000- -");
    }

    @Test
    void aFileThatIsNotWhatItsHashSaysIsThrownAway() throws IOException {
        server.with("a.safetensors", WEIGHTS).withWrongHash("a.safetensors");
        assertThatThrownBy(() -> hub().file(FILE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("arrived with the hash")
                .hasMessageContaining("thrown away");
        assertThat(files(cache.resolve("models--owner--name/blobs"))).isEmpty();
        assertThat(cache.resolve("models--owner--name/snapshots")).doesNotExist();
    }

    @Test
    void aBusyHubIsAskedAgainAfterAsLongAsItSays() throws IOException {
        server.with("a.safetensors", WEIGHTS).refusing(429, "Retry-After", "7").refusing(503, "X", "y");
        assertThat(hub().file(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(waits).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "401, X, y, if it is private or gated set HF_TOKEN",
        "404, X-Error-Code, RepoNotFound, there is no such model",
        "404, X-Error-Code, RevisionNotFound, has no revision main",
        "403, X-Error-Code, GatedRepo, accept its licence at",
        "401, X-Error-Code, GatedRepo, accept its licence at",
    })
    void aRefusalSaysWhatToDo(int status, String header, String value, String advice) {
        server.refusing(status, header, value);
        assertThatThrownBy(() -> hub().file(FILE))
                .isInstanceOf(IOException.class)
                .message()
                .satisfies(message -> assertThat(message.replace(", set", " set"))
                        .startsWith("owner/name")
                        .contains(advice))
                .satisfies(message -> assertThat(message.lines()).hasSize(1));
    }

    @Test
    void aHubThatStaysBusyIsGivenUp() {
        for (int i = 0; i < 9; i++) {
            server.refusing(429, "Retry-After", "1");
        }
        assertThatThrownBy(() -> hub().file(FILE)).hasMessageContaining("is asked too often");
        assertThat(server.asked).hasSize(5);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        server.with("a.safetensors", WEIGHTS);
        assertThatThrownBy(() -> hub().file(ModelId.parse("owner/name/b.safetensors")))
                .hasMessageContaining("has no file at")
                .hasMessageContaining("b.safetensors");
        server.with("b.safetensors", WEIGHTS);
        assertThatThrownBy(() -> hub().model(MODEL, Optional.empty()))
                .hasMessageContaining("for a single file name it: owner/name/a.safetensors");
    }

    @Test
    void withoutTheNetworkTheCacheServes() throws IOException {
        diffusersModel();
        Path root = hub().model(MODEL, Optional.empty());
        server.close();
        assertThat(hub().model(MODEL, Optional.empty())).isEqualTo(root);
        assertThat(hub(Optional.empty(), true).model(MODEL, Optional.empty())).isEqualTo(root);
        assertThatThrownBy(() -> hub(Optional.empty(), true).model(ModelId.parse("owner/other"), Optional.empty()))
                .hasMessageContaining("HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set");
        assertThatThrownBy(() -> hub().model(ModelId.parse("owner/other"), Optional.empty()))
                .hasMessageContaining("cannot be reached");
    }

    /** A hub that fails, refuses or sends something else is warned of, once, and asked once. */
    @ParameterizedTest
    @CsvSource({
        "503, answers 503",
        "500, answers 500",
        "429, asked too often",
        "401, there is no such model for you",
        "403, is gated",
        "404, there is no such model for you",
        "302, a redirect to nowhere instead of a listing",
    })
    void whatIsWholeInTheCacheServesWhenTheHubDoesNot(int status, String why) throws IOException {
        diffusersModel();
        Path root = hub().model(MODEL, Optional.empty());
        server.refusing(status, "X", "y");
        server.asked.clear();
        List<String> notes = new ArrayList<>();
        assertThat(new Hub(settings(), noting(notes), waits::add, HubTimes.NORMAL).model(MODEL, Optional.empty()))
                .isEqualTo(root);
        assertThat(notes).singleElement().asString().contains(why).endsWith("; using the cache");
        assertThat(server.asked).hasSize(1);
        assertThat(waits).isEmpty();
    }

    @Test
    void whatIsNotWholeInTheCacheDoesNotServe() throws IOException {
        diffusersModel();
        Path root = hub().model(MODEL, Optional.empty());
        Files.delete(root.resolve("vae/diffusion_pytorch_model-00002-of-00002.safetensors"));
        server.refusing(401, "X", "y");
        assertThatThrownBy(() -> hub().model(MODEL, Optional.empty()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("there is no such model for you");
        assertThatThrownBy(() -> hub(Optional.empty(), true).model(MODEL, Optional.empty()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("has no weights in vae/")
                .hasMessageContaining("unset HF_HUB_OFFLINE");
    }

    @Test
    void aHubThatWasNeverReachedIsAskedOnce() {
        server.close();
        assertThatThrownBy(() -> hub().file(FILE))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(HubException.Reason.UNREACHABLE))
                .hasMessageContaining("localhost cannot be reached");
        assertThat(waits).isEmpty();
    }

    @Test
    void anUnchangedReferenceIsNotWrittenAgain() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        hub().file(FILE);
        Path ref = cache.resolve("models--owner--name/refs/main");
        Object before = Files.readAttributes(ref, BasicFileAttributes.class).fileKey();
        hub().file(FILE);
        assertThat(Files.readAttributes(ref, BasicFileAttributes.class).fileKey())
                .isEqualTo(before);
        assertThat(ref.getParent()).isDirectoryContaining("glob:**main");
    }

    /** A reference that holds no commit is asked for anew, however long it is. */
    @Test
    void aReferenceWithoutACommitIsWrittenAgain() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        hub().file(FILE);
        Path ref = cache.resolve("models--owner--name/refs/main");
        for (byte[] other : List.of(new byte[5_000_000], new byte[] {(byte) 0xC3, 0x28})) {
            Files.write(ref, other);
            assertThat(hub().file(FILE)).hasBinaryContent(WEIGHTS);
            assertThat(ref).hasContent(FakeHub.COMMIT);
        }
    }

    private HubSettings settings() {
        return new HubSettings(server.endpoint(), cache, Optional.empty(), false);
    }

    private static DownloadListener noting(List<String> notes) {
        return new DownloadListener() {
            @Override
            public void progress(String file, long done, long total) {}

            @Override
            public void note(String text) {
                notes.add(text);
            }
        };
    }

    @Test
    void offlineNothingIsAsked() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        hub().file(FILE);
        server.asked.clear();
        assertThat(hub(Optional.empty(), true).file(FILE)).hasBinaryContent(WEIGHTS);
        assertThatThrownBy(() -> hub(Optional.empty(), true).file(ModelId.parse("owner/name/b.safetensors")))
                .hasMessageContaining("does not have b.safetensors");
        assertThat(server.asked).isEmpty();
    }

    @Test
    void manyAtOnceFetchAFileOnce() throws IOException {
        server.with("a.safetensors", WEIGHTS);
        List<CompletableFuture<Path>> all = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return new Hub(
                                        new HubSettings(server.endpoint(), cache, Optional.empty(), false),
                                        DownloadListener.silent())
                                .file(FILE);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .toList();
        all.forEach(each -> assertThat(each.join()).hasBinaryContent(WEIGHTS));
        assertThat(server.askedOfStore).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "unet/../../evil", "/evil", "a/./b", "a//b", "C:evil"})
    void aListedPathThatLeadsOutIsRefused(String path) throws IOException {
        server.with(path, WEIGHTS);
        assertThatThrownBy(() -> hub().files(MODEL, List.of(path)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no path within it");
        assertThat(cache.resolve("evil")).doesNotExist();
    }

    @Test
    void whereThereAreNoLinksABlobIsCopied() throws IOException {
        Path blob = Files.write(cache.resolve("blob"), WEIGHTS);
        HubCache.copy(blob, cache.resolve("copy"));
        assertThat(cache.resolve("copy")).hasBinaryContent(WEIGHTS);
        assertThat(files(cache)).containsExactlyInAnyOrder("blob", "copy");
    }

    @Test
    void namesAreReadStrictly() {
        assertThat(ModelId.parse("a/b@refs/pr/1").revision()).isEqualTo("refs/pr/1");
        assertThat(ModelId.parse("a/b/sub/c.ckpt").file()).contains("sub/c.ckpt");
        for (String wrong : List.of("a", "a/b@", "a/b@../x", "../a", "a/..", "a--b/c", "a/b@-x", "/a/b", "a b/c")) {
            assertThatIllegalArgumentException().isThrownBy(() -> ModelId.parse(wrong));
        }
        assertThat(ModelId.isId("./a/b")).isFalse();
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HubSettings(URI.create("file:///x"), cache, Optional.empty(), false))
                .withMessageContaining("HF_ENDPOINT");
    }

    private static List<String> files(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }
    }
}
