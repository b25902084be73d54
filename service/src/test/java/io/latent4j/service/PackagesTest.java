package io.latent4j.service;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

@AnalyzeClasses(packages = "io.latent4j.service", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
    @ArchTest
    static void jobsAreValues(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAPackage("..service.job..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..pipeline.run..", "ai.djl..")
                .check(classes);
    }
}
