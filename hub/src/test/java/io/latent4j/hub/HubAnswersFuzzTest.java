package io.latent4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Run with {@code JAZZER_FUZZ=1} this searches for new inputs; otherwise it tries the ones beside it. */
class HubAnswersFuzzTest {
    private static final ModelId MODEL = ModelId.parse("owner/name");
    private static final Path ROOT = Path.of("/cache/snapshots");

    /** A listing, an ETag, a size and a redirect are read or refused, and no name leads out of the cache. */
    @FuzzTest
    void anyAnswerIsReadOrRefused(FuzzedDataProvider data) {
        String etag = data.consumeString(200);
        String size = data.consumeString(30);
        String location = data.consumeString(200);
        String listing = data.consumeRemainingAsString();
        HttpHeaders headers =
                HttpHeaders.of(Map.of("ETag", List.of(etag), "Content-Length", List.of(size)), (a, b) -> true);
        try {
            HubClient.FileFacts facts = HubClient.facts(MODEL, "a", headers, false);
            assertThat(ROOT.resolve(facts.etag()).normalize().getParent()).isEqualTo(ROOT);
            assertThat(facts.size().orElse(0)).isNotNegative();
        } catch (HubException e) {
            assertThat(e).hasMessageStartingWith("owner/name: ");
        }
        try {
            URI to = HubClient.redirected(MODEL, URI.create("http://hub/a"), Optional.of(location));
            assertThat(to.getScheme()).isIn("http", "https");
        } catch (HubException e) {
            assertThat(e).hasMessageStartingWith("owner/name: ");
        }
        try {
            for (String file :
                    HubClient.listing(MODEL, JsonParser.parseString(listing)).files()) {
                if (FilePath.isSafe(file)) {
                    Path to = ROOT.resolve(file);
                    assertThat(to.normalize()).isEqualTo(to);
                    assertThat(to.startsWith(ROOT) && !to.equals(ROOT)).isTrue();
                }
            }
        } catch (HubException e) {
            assertThat(e).hasMessageStartingWith("owner/name: ");
        } catch (JsonParseException e) {
            assertThat(e).isNotNull(); // which the client refuses by name
        }
    }
}
