package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FolderDraftTest {
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
        try (FolderDraft draft = FolderDraft.of(place)) {
            Files.createDirectories(draft.folder().resolve("unet"));
            Files.writeString(draft.folder().resolve("unet/config.json"), "{}");
            assertThat(place).doesNotExist();
            draft.moveToPlace();
        }
        assertThat(place.resolve("unet/config.json")).hasContent("{}");
        assertThat(beside()).containsExactly("model");
    }

    @Test
    void leavesNothingWithoutTheEnd() throws IOException {
        try (FolderDraft draft = FolderDraft.of(place)) {
            Files.writeString(draft.folder().resolve("a"), "a");
        }
        assertThat(beside()).isEmpty();
    }

    @Test
    void anEmptyFolderIsReplacedAndAnyOtherIsLeftAlone() throws IOException {
        Files.createDirectories(place);
        try (FolderDraft first = FolderDraft.of(place);
                FolderDraft second = FolderDraft.of(place)) {
            Files.writeString(first.folder().resolve("a"), "first");
            Files.writeString(second.folder().resolve("a"), "second");
            first.moveToPlace();
            assertThatThrownBy(second::moveToPlace).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(place.resolve("a")).hasContent("first");
        assertThat(beside()).containsExactly("model");
    }

    @Test
    void oneFileOfItReplacesAFileAndNoFolder() throws IOException {
        for (String text : List.of("first", "second")) {
            try (FolderDraft draft = FolderDraft.of(place)) {
                draft.moveToPlace(Files.writeString(draft.folder().resolve("a"), text));
            }
            assertThat(place).hasContent(text);
        }
        Files.delete(place);
        Files.createDirectories(place);
        try (FolderDraft draft = FolderDraft.of(place)) {
            Path file = Files.writeString(draft.folder().resolve("a"), "third");
            assertThatThrownBy(() -> draft.moveToPlace(file)).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(beside()).containsExactly("model");
    }

    /** A process of its own is killed with a draft half filled; that of a process that lives stays. */
    @Test
    void draftsOfKilledProcessesAreDeleted() throws IOException, InterruptedException {
        try (FolderDraft alive = FolderDraft.of(place)) {
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
            FolderDraft.of(place).close();
            assertThat(beside()).hasSize(2);
            assertThat(alive.folder()).isDirectory();
        }
        assertThat(beside()).isEmpty();
    }

    /** Fills half a draft and waits to be killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            FolderDraft draft = FolderDraft.of(Path.of(arguments[0]));
            Files.writeString(draft.folder().resolve("weights"), "half");
            System.out.println("half filled");
            if (System.in.read() < 0) {
                draft.close();
            }
        }
    }
}
