package dev.mlit.kotlin

import java.nio.file.Files
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** What the artifact is to its users, beside its classes. */
class ArtifactTest {
    private val sources = Path.of("modules/kotlin/src")

    /** Else a release depends on a library that is not there. */
    @Test
    fun `all artifacts have one version, and one compiler`() {
        assertThat(listOf(Poms.modules, Poms.kotlin).map(Poms::version)).containsOnly(Poms.version)
        assertThat(Poms.value(Poms.kotlin, "kotlin.version")).isEqualTo(Poms.value(Poms.library, "kotlin.version"))
        assertThat(Poms.value(Poms.kotlin, "project.build.outputTimestamp"))
            .isEqualTo(Poms.value(Poms.library, "project.build.outputTimestamp"))
    }

    /** A service that wants a DSL gets a DSL. */
    @Test
    fun `it brings the library, the standard library and coroutines, and nothing else`() {
        val brought =
            Regex("(?s)<dependency>(.*?)</dependency>")
                .findAll(Poms.kotlin)
                .map { it.groupValues[1] }
                .filter { "<scope>test</scope>" !in it }
                .map { Poms.value(it, "artifactId") }

        assertThat(brought.toList()).containsExactly("mlit", "kotlin-stdlib", "kotlinx-coroutines-core")
    }

    @Test
    fun `no file has more lines than one reads at once`() {
        assertThat(kotlinFiles(sources)).isNotEmpty().allSatisfy {
            assertThat(Files.readAllLines(it)).hasSizeLessThan(321)
        }
    }

    /** Shapes, ranges and errors are what completion in an editor shows. */
    @Test
    fun `all that is public is documented`() {
        val bare =
            kotlinFiles(sources.resolve("main")).flatMap { file ->
                val lines = Files.readAllLines(file).map { it.trim() }
                lines.indices
                    .filter { i -> lines[i].startsWith("public ") }
                    .filter { i -> !lines.take(i).last { !it.startsWith("@") }.endsWith("*/") }
                    .map { "$file: ${lines[it]}" }
            }

        assertThat(bare).isEmpty()
    }

    private fun kotlinFiles(directory: Path): List<Path> =
        Files.walk(directory).use { files -> files.filter { "$it".endsWith(".kt") }.toList() }
}
