package io.latent4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DraftTest {
    @TempDir
    private Path folder;

    private Path place;

    @BeforeEach
    void name() {
        place = folder.resolve("parent/model");
    }

    private List<String> beside() throws IOException {
        try (Stream<Path> entries = Files.list(place.getParent())) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void appearsWholeAtTheEnd() throws IOException {
        try (Draft draft = Draft.ofFolder(place)) {
            Files.createDirectories(draft.path().resolve("unet"));
            Files.writeString(draft.path().resolve("unet/config.json"), "{}");
            assertThat(place).doesNotExist();
            draft.create();
        }
        assertThat(place.resolve("unet/config.json")).hasContent("{}");
        assertThat(beside()).containsExactly("model");
    }

    @Test
    void leavesNothingWithoutTheEnd() throws IOException {
        try (Draft draft = Draft.ofFolder(place)) {
            Files.writeString(draft.path().resolve("a"), "a");
        }
        assertThat(beside()).isEmpty();
    }

    @Test
    void anEmptyFolderIsReplacedAndAnyOtherIsLeftAlone() throws IOException {
        Files.createDirectories(place);
        try (Draft first = Draft.ofFolder(place);
                Draft second = Draft.ofFolder(place)) {
            Files.writeString(first.path().resolve("a"), "first");
            Files.writeString(second.path().resolve("a"), "second");
            first.create();
            assertThatThrownBy(second::create).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(place.resolve("a")).hasContent("first");
        assertThat(beside()).containsExactly("model");
    }

    @Test
    void aFileReplacesAFileAndNoFolder() throws IOException {
        Files.createDirectories(place.getParent());
        for (String text : List.of("first", "second")) {
            try (Draft draft = Draft.ofFile(place)) {
                Files.writeString(draft.path(), text);
                draft.replace();
            }
            assertThat(place).hasContent(text);
        }
        try (Draft draft = Draft.ofFile(place)) {
            Files.writeString(draft.path(), "third");
            assertThatThrownBy(draft::create).isInstanceOf(FileAlreadyExistsException.class);
            Files.delete(place);
            Files.createDirectories(place);
            assertThatThrownBy(draft::replace).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThatThrownBy(() -> Draft.ofFile(place))
                .hasMessage(place + ": cannot be written; it is a folder, expected a file");
        assertThatThrownBy(() -> Draft.ofFile(place.resolve("none/a")))
                .hasMessageEndingWith("a: cannot be written; expected an existing folder; create it first");
        assertThat(beside()).containsExactly("model");
    }

    @Test
    void ofManyThatCreateOneFileOneSucceeds() throws Exception {
        Files.createDirectories(place.getParent());
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> ends = threads.invokeAll(Collections.nCopies(64, () -> {
                try (Draft draft = Draft.ofFile(place)) {
                    Files.writeString(draft.path(), "whole");
                    draft.create();
                    return true;
                } catch (FileAlreadyExistsException e) {
                    return false;
                }
            }));
            int created = 0;
            for (Future<Boolean> end : ends) {
                created += end.get() ? 1 : 0;
            }
            assertThat(created).isEqualTo(1);
        } finally {
            threads.shutdown();
        }
        assertThat(place).hasContent("whole");
        assertThat(beside()).containsExactly("model");
    }

    private String failure(Draft.Filling filling) throws IOException {
        try (Draft draft = Draft.ofFolder(place)) {
            Throwable failure = catchThrowable(() -> draft.fill(filling));
            assertThat(failure).isInstanceOf(IOException.class);
            assertThat(failure.getMessage()).doesNotContain(draft.path().toString());
            return failure.getMessage();
        }
    }

    /** What Java throws where a disk is full: of what is written by name the name, else no name. */
    @Test
    void aFullDiskIsSaidOfThePlace() throws IOException {
        String cure = "; expected room and permission in the folder; nothing was changed";
        assertThat(failure(draft -> {
                    throw new IOException("No space left on device");
                }))
                .isEqualTo(place + ": cannot be written: No space left on device" + cure);
        assertThat(failure(draft -> {
                    throw new FileSystemException(draft.resolve("a").toString(), null, "No space left on device");
                }))
                .isEqualTo(place.resolve("a") + ": cannot be written: No space left on device" + cure);
        assertThat(failure(draft -> {
                    String copy = draft.resolve("b").toString();
                    throw new FileSystemException(
                            place.resolveSibling("c").toString(), copy, "No space left on device");
                }))
                .isEqualTo(place.resolve("b") + ": cannot be written: No space left on device" + cure);
        assertThat(failure(draft -> {
                    throw new IOException("Can't write PNG file!", new IOException("No space left on device"));
                }))
                .isEqualTo(place + ": cannot be written: No space left on device" + cure);
        assertThat(failure(draft -> Files.createFile(draft.resolve("none/a"))))
                .isEqualTo(place.resolve("none/a") + ": cannot be written: there is no folder " + place.resolve("none")
                        + cure);
        assertThat(beside()).isEmpty();
    }

    @Test
    void aFileWithinADraftIsNamedByItsPlace() throws IOException {
        assertThat(failure(draft -> {
                    try (Draft inner = Draft.ofFile(draft.resolve("weights"))) {
                        inner.fill(file -> {
                            throw new IOException("No space left on device");
                        });
                    }
                }))
                .startsWith(place.resolve("weights") + ": cannot be written: No space left on device;");
    }

    @Test
    void whatIsSaidOfOtherFilesStays() throws IOException {
        Path other = folder.resolve("other");
        assertThat(failure(draft -> Files.readString(other))).isEqualTo(other.toString());
        assertThat(failure(draft -> {
                    throw new IOException("other: is damaged");
                }))
                .isEqualTo("other: is damaged");
    }

    @Test
    void aFolderThatCannotBeWrittenToIsNamedByThePlace() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Draft.ofFolder(file.resolve("a/b")))
                .hasMessageStartingWith(file.resolve("a/b") + ": cannot be written: ")
                .hasMessageContaining("file")
                .hasMessageNotContainingAny(".latent4j-", "Exception");
    }

    @Test
    void aNameAsLongAsTheSystemTakesIsWritten() throws IOException {
        Path file = folder.resolve("n".repeat(255));
        try (Draft draft = Draft.ofFile(file)) {
            Files.writeString(draft.path(), "long");
            draft.create();
        }
        assertThat(file).hasContent("long");
    }

    @Test
    void whatOnlyLooksLikeADraftStays() throws IOException {
        Files.createDirectories(place.getParent());
        for (String name : List.of(".latent4j-x.lock", ".model.draft", "latent4j-1.lock")) {
            Files.writeString(place.resolveSibling(name), name);
        }
        Draft.deleteDead(place.getParent());
        assertThat(beside()).hasSize(3);
    }

    /** A process of its own is killed with a draft half filled; that of a process that lives stays. */
    @Test
    void draftsOfKilledProcessesAreDeleted() throws IOException, InterruptedException {
        try (Draft alive = Draft.ofFolder(place)) {
            Process child = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Child.class.getName(),
                            place.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(out.readLine()).isEqualTo("half filled");
                assertThat(beside()).hasSize(4);
            } finally {
                child.destroyForcibly().waitFor();
            }
            assertThat(beside()).hasSize(4);
            Draft.deleteDead(place.getParent());
            assertThat(beside()).hasSize(2);
            assertThat(alive.path()).isDirectory();
        }
        assertThat(beside()).isEmpty();
    }

    /** Fills half a draft and waits to be killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            Draft draft = Draft.ofFolder(Path.of(arguments[0]));
            Files.writeString(draft.path().resolve("weights"), "half");
            System.out.println("half filled");
            if (System.in.read() < 0) {
                draft.close();
            }
        }
    }
}
