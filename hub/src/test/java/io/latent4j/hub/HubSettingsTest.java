package io.latent4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {

    @TempDir
    Path user;

    @Test
    void withoutVariablesEverythingIsWhereOtherToolsHaveIt() throws IOException {
        HubSettings settings = HubSettings.from(Map.of(), user);
        assertThat(settings.cache()).isEqualTo(user.resolve(".cache/huggingface/hub"));
        assertThat(settings.endpoint()).hasToString("https://huggingface.co");
        assertThat(settings.token()).isEmpty();
        assertThat(settings.offline()).isFalse();
    }

    @Test
    void variablesSayOtherwise() throws IOException {
        Path home = Files.createDirectories(user.resolve("hf"));
        Files.writeString(home.resolve("token"), "from_file\n");
        HubSettings settings = HubSettings.from(
                Map.of("HF_HOME", "~/hf", "HF_HUB_OFFLINE", "True", "HF_ENDPOINT", "http://mirror:8080/"), user);
        assertThat(settings.cache()).isEqualTo(home.resolve("hub"));
        assertThat(settings.token()).contains("from_file");
        assertThat(settings.offline()).isTrue();
        assertThat(settings.endpoint()).hasToString("http://mirror:8080");
        assertThat(HubSettings.from(Map.of("HF_HOME", "~/hf", "HF_TOKEN", "own", "HF_HUB_CACHE", "/c"), user))
                .satisfies(own -> assertThat(own.token()).contains("own"))
                .satisfies(own -> assertThat(own.cache()).isEqualTo(Path.of("/c")));
    }

    @Test
    void aFileThatIsTooLongForATokenIsNamed() throws IOException {
        Path file = Files.write(user.resolve("token"), new byte[9000]);
        assertThatThrownBy(() -> HubSettings.from(Map.of("HF_TOKEN_PATH", file.toString()), user))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": has more than 8000 bytes; expected a token of the hub in one line; write it there"
                        + " again, or set HF_TOKEN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HubSettings.from(Map.of("HF_TOKEN", "t".repeat(8001)), user))
                .withMessage("the token has 8001 characters; expected at most 8000; check HF_TOKEN");
    }

    @Test
    void olderNamesAreRead() throws IOException {
        HubSettings settings =
                HubSettings.from(Map.of("HUGGINGFACE_HUB_CACHE", "/old", "TRANSFORMERS_OFFLINE", "1"), user);
        assertThat(settings.cache()).isEqualTo(Path.of("/old"));
        assertThat(settings.offline()).isTrue();
        HubSettings both = HubSettings.from(
                Map.of(
                        "HUGGINGFACE_HUB_CACHE",
                        "/old",
                        "HF_HUB_CACHE",
                        "/new",
                        "HF_HUB_OFFLINE",
                        "0",
                        "TRANSFORMERS_OFFLINE",
                        "1"),
                user);
        assertThat(both.cache()).isEqualTo(Path.of("/new"));
        assertThat(both.offline()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"huggingface.co", "http://", "http://a b", "ftp://host", "https://host:99999", "https://h?a=b"})
    void anEndpointThatIsNoAddressIsNamed(String endpoint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HubSettings.from(Map.of("HF_ENDPOINT", endpoint), user))
                .withMessageStartingWith("HF_ENDPOINT is ");
    }

    @Test
    void aTokenWithALineBreakIsRefusedWithoutBeingShown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HubSettings.from(Map.of("HF_TOKEN", "a\nb"), user))
                .withMessageContaining("HF_TOKEN")
                .withMessageNotContaining("a\nb");
    }
}
