package io.latent4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProxiesTest {
    private static final URI HUB = URI.create("https://huggingface.co/api");

    @Test
    void bothCasesOfTheNamesAreReadAndTheLowerOneWins() {
        Proxies proxies = Proxies.from(
                Map.of("HTTP_PROXY", "http://one:81", "https_proxy", "two:82", "HTTPS_PROXY", "http://three:83"));
        assertThat(proxies.of(URI.create("http://hub/x"))).hasToString("Optional[one:81]");
        assertThat(proxies.of(HUB)).hasToString("Optional[two:82]");
        assertThat(Proxies.from(Map.of("all_proxy", "http://all/")).of(HUB)).hasToString("Optional[all:80]");
        assertThat(Proxies.from(Map.of("HTTPS_PROXY", "")).of(HUB)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "huggingface.co|https://huggingface.co/a|true",
                ".huggingface.co|https://cdn.huggingface.co/a|true",
                "*.huggingface.co|https://cdn.huggingface.co/a|true",
                "face.co|https://huggingface.co/a|false",
                "other, HuggingFace.co|https://huggingface.co/a|true",
                "huggingface.co:443|https://huggingface.co/a|true",
                "huggingface.co:80|https://huggingface.co/a|false",
                "*|https://huggingface.co/a|true",
                "10.0.0.0/8|http://10.9.8.7:8080/a|true",
                "10.0.0.0/8|http://11.9.8.7:8080/a|false",
                "10.0.0.0/99|http://10.9.8.7:8080/a|false",
                "127.0.0.1|http://127.0.0.1:8080/a|true",
                "[::1]:8080|http://[::1]:8080/a|true",
                "::1|http://[::1]:8080/a|true",
                "|https://huggingface.co/a|false",
            })
    void exceptionsAreReachedDirectly(String except, URI address, boolean direct) {
        Proxies proxies = Proxies.from(Map.of(
                "ALL_PROXY",
                "http://proxy:3128",
                "NO_PROXY",
                Optional.ofNullable(except).orElse("")));
        assertThat(proxies.of(address).isEmpty()).isEqualTo(direct);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"socks5://user:secret@host:1", "http://:8080", "http://user:secret@host:99999", "http://a b"})
    void whatIsNoAddressIsRefusedWithoutItsPassword(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Proxies.from(Map.of("HTTPS_PROXY", value)))
                .withMessageContaining("HTTPS_PROXY")
                .withMessageContaining("expected http://host:port")
                .withMessageNotContaining("secret");
    }

    /** The proxy answers for a host that does not exist, and receives the user's name and not the hub's. */
    @Test
    void requestsGoThroughTheProxy(@TempDir Path cache) throws IOException {
        try (FakeHub proxy = new FakeHub().with("a.json", "{}")) {
            Proxies proxies = Proxies.from(Map.of(
                    "http_proxy", "http://me:pass@127.0.0.1:" + proxy.endpoint().getPort()));
            HubSettings settings =
                    new HubSettings(URI.create("http://hub.invalid"), cache, Optional.empty(), false, proxies);
            Path file = new Hub(settings, DownloadListener.silent()).file(ModelId.parse("owner/name/a.json"));
            assertThat(file).hasContent("{}");
            assertThat(proxy.proxyUsers).hasSize(3).containsOnly("Basic bWU6cGFzcw==");
            assertThat(settings.toString() + proxies).doesNotContain("pass");
        }
    }

    @Test
    void exceptionsGetNoUser() {
        Proxies proxies = Proxies.from(Map.of("HTTPS_PROXY", "http://me:pass@host:1", "NO_PROXY", "huggingface.co"));
        assertThat(proxies.authorization(HUB)).isEmpty();
        assertThat(proxies.authorization(URI.create("https://other/"))).isPresent();
        assertThat(proxies.except()).isEqualTo(List.of("huggingface.co"));
    }
}
