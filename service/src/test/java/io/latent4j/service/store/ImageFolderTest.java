package io.latent4j.service.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    private static final Instant OLD = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant BEFORE = OLD.plusSeconds(1);

    @TempDir
    private Path temporary;

    private Path place;
    private ImageFolder folder;

    private static Set<String> none(Set<String> digests) {
        return Set.of();
    }

    @BeforeEach
    void open() {
        place = temporary.resolve("images");
        folder = new ImageFolder(place);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private Path old(String digest) throws IOException {
        Path file = folder.find(digest).orElseThrow();
        Files.setLastModifiedTime(file, FileTime.from(OLD));
        return file;
    }

    private int clear(UnaryOperator<Set<String>> used) throws IOException {
        int deleted = 0;
        for (int part = 0; part < ImageFolder.PARTS; part++) {
            deleted += folder.clear(part, BEFORE, used);
        }
        return deleted;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void keepsBytesByTheirDigest() throws IOException {
        String digest = folder.put(bytes("abc"));

        assertThat(digest).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(folder.find(digest)).contains(place.resolve("ba").resolve(digest + ".png"));
        assertThat(folder.find(digest).orElseThrow()).hasBinaryContent(bytes("abc"));
        assertThat(folder.put(bytes("abc"))).isEqualTo(digest);
        assertThat(files()).hasSize(1);
        assertThat(new ImageFolder(place).find(digest)).isPresent();
    }

    @Test
    void findsNothingButDigests() {
        assertThat(folder.find("0".repeat(64))).isEmpty();
        for (String wrong : List.of("", "../secret", "A".repeat(64), "0".repeat(63), "0".repeat(65))) {
            assertThatIllegalArgumentException().isThrownBy(() -> folder.find(wrong));
            assertThat(ImageFolder.isDigest(wrong)).isFalse();
        }
    }

    @Test
    void leavesNothingOfWhatCannotBeWritten() throws IOException {
        Files.writeString(place, "a file where the folder should be");

        assertThatIOException().isThrownBy(() -> folder.put(bytes("abc")));
        assertThat(place).hasContent("a file where the folder should be");
    }

    @Test
    void clearsWhatIsOldAndNotUsed() throws IOException {
        String used = folder.put(bytes("used"));
        String unused = folder.put(bytes("unused"));
        String fresh = folder.put(bytes("new"));
        old(used);
        old(unused);
        Path strange = place.resolve(unused.substring(0, 2)).resolve("notes.txt");
        Files.writeString(strange, "not a digest");
        Files.setLastModifiedTime(strange, FileTime.from(OLD));
        Set<String> asked = new HashSet<>();

        int deleted = clear(digests -> {
            asked.addAll(digests);
            return Set.of(used);
        });

        assertThat(deleted).isEqualTo(1);
        assertThat(asked).containsExactlyInAnyOrder(used, unused);
        assertThat(folder.find(unused)).isEmpty();
        assertThat(folder.find(used)).isPresent();
        assertThat(folder.find(fresh)).isPresent();
        assertThat(strange).exists();
        assertThat(files()).hasSize(3);
        assertThat(folder.put(bytes("unused"))).isEqualTo(unused);
        assertThat(folder.find(unused)).isPresent();
    }

    @Test
    void clearsNothingOfAFolderThatIsNotThere() throws IOException {
        assertThat(clear(ImageFolderTest::none)).isZero();
        assertThat(place).doesNotExist();
    }

    @Test
    void keepsWhatIsPutAgainBeforeItIsCleared() throws IOException {
        String digest = folder.put(bytes("abc"));
        old(digest);
        folder.put(bytes("abc"));

        assertThat(clear(ImageFolderTest::none)).isZero();
        assertThat(folder.find(digest)).isPresent();
    }

    @Test
    void keepsWhatIsPutAgainWhileItIsCleared() throws IOException {
        String digest = folder.put(bytes("abc"));
        old(digest);

        int deleted = clear(digests -> {
            try {
                folder.put(bytes("abc"));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return Set.of();
        });

        assertThat(deleted).isZero();
        assertThat(folder.find(digest)).isPresent();
        assertThat(files()).hasSize(1);
    }

    @Test
    void clearsWhatAnEndedProcessWasDeleting() throws IOException {
        String digest = folder.put(bytes("abc"));
        Path file = old(digest);
        Files.move(file, file.resolveSibling(file.getFileName() + ".unused-1"));

        assertThat(clear(ImageFolderTest::none)).isZero();
        assertThat(files()).isEmpty();
    }

    @Test
    void losesNothingThatIsPutWhileOthersClear() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                tasks.add(() -> {
                    for (int round = 0; round < 20; round++) {
                        clear(ImageFolderTest::none);
                    }
                    return true;
                });
            }
            tasks.add(() -> {
                Random random = new Random(5);
                for (int i = 0; i < 300; i++) {
                    byte[] bytes = bytes("image " + random.nextInt(3));
                    String digest = folder.put(bytes);
                    folder.find(digest).ifPresent(file -> makeOld(file));
                    String again = folder.put(bytes);
                    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
                    while (folder.find(again).isEmpty()) { // or is just being brought back
                        assertThat(System.nanoTime()).as("the end of the wait").isLessThan(end);
                    }
                }
                return true;
            });
            for (Future<Boolean> each : threads.invokeAll(tasks)) {
                assertThat(each.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void makeOld(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(OLD));
        } catch (IOException e) {
            assertThat(file).doesNotExist();
        }
    }
}
