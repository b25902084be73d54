package io.latent4j.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.MemoryJobStore;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PageTest {
    private static final String KEY = "0123456789abcdef";

    @TempDir
    private Path data;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ModelRegistry registry = new ModelRegistry();
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = Server.start(
                ServerOptions.LOCAL.withPort(0).withKeys(List.of(KEY)),
                registry,
                new MemoryJobStore(),
                QueueOptions.DEFAULT,
                data);
    }

    @AfterEach
    void stop() {
        server.close();
        registry.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri().resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Path folder() throws Exception {
        return Path.of(Page.class.getResource("index.html").toURI()).getParent();
    }

    @Test
    void servesEveryFileThereIsAndNoOther() throws Exception {
        try (Stream<Path> files = Files.list(folder())) {
            List<String> there = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".class"))
                    .toList();
            assertThat(Page.FILES).containsExactlyInAnyOrderElementsOf(there);
        }
        for (String name : Page.FILES) {
            assertThat(get("/page/" + name).statusCode()).as(name).isEqualTo(200);
        }
        assertThat(get("/page/Page.class").statusCode()).isEqualTo(404);
        assertThat(get("/page/..%2fPage.class").statusCode()).isIn(400, 404);
    }

    @Test
    void isServedWithoutTheKeyAndAllowsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                .doesNotContain("unsafe");
        assertThat(get("/api/models").statusCode()).isEqualTo(401);
        assertThat(get("/page/main.js").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/javascript");
    }

    @Test
    void isNotSentAgainWhereItIsTheSame() throws Exception {
        String tag = get("/page/main.js").headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again = get("/page/main.js", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(get("/page/dom.js", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    @Test
    void refersToItsOwnFilesAlone() throws Exception {
        Pattern reference = Pattern.compile("(?:src|href|from|import)\\s*[=(]?\\s*[\"']([^\"'#]+)[\"']");
        for (String name : Page.FILES) {
            String text = Files.readString(folder().resolve(name));
            List<String> targets = reference
                    .matcher(text)
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .filter(target -> target.startsWith("/") || target.startsWith("./") || target.contains("//"))
                    .map(target -> target.replaceFirst("^(\\./|/page/)", ""))
                    .toList();
            assertThat(Page.FILES).as(name).containsAll(targets);
            assertThat(text).as(name).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write");
        }
    }
}
