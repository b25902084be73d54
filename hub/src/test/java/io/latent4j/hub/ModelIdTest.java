package io.latent4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelIdTest {

    @Test
    void namesAModelARevisionAndAFile() {
        assertThat(ModelId.parse("owner/name")).isEqualTo(new ModelId("owner/name", Optional.empty(), "main"));
        assertThat(ModelId.parse("owner/name/a/b.safetensors@refs/pr/3"))
                .isEqualTo(new ModelId("owner/name", Optional.of("a/b.safetensors"), "refs/pr/3"))
                .hasToString("owner/name/a/b.safetensors@refs/pr/3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "/a/b", "a/..", "../b", "a--b/c", "a/b/../c", "", "a/b@../c", "a/b@"})
    void whatLeadsElsewhereIsNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ModelId.parse(text));
    }

    /** A pattern that tries a group for each folder would need a stack as deep. */
    @Test
    void aLongTextIsNoneAndIsCutInTheMessage() {
        String files = "a/b" + "/c".repeat(50_000);
        assertThat(ModelId.isId(files)).isFalse();
        String revision = "a/b@" + "c/".repeat(50_000) + "c";
        assertThat(ModelId.isId(revision)).isFalse();
        for (String text : new String[] {files, revision, "x".repeat(100_000)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ModelId.parse(text))
                    .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(300));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelId("a/b", Optional.empty(), "c/".repeat(50_000) + "c"))
                .withMessageStartingWith("the revision is \"c/c/");
    }
}
