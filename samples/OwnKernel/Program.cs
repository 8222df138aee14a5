// A kernel of one's own beside the library's: GELU in its tanh form (Hendrycks and Gimpel, 2016), checked against double precision.
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Numerics;
using MathNet.Numerics;

float[] x = Generate.LinearSpacedMap(100_000, -6, 6, value => (float)value);

using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
using Accelerator accelerator = catalog.Start(catalog.Choose("auto"));
var launcher = Launcher.For(accelerator);
var gelu = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>>(Gelu);
using var values = accelerator.Allocate1D(x);
gelu(launcher.Stream, launcher.Over(x.Length), values.View, values.View);
float[] y = new KernelSet(launcher).Read<float>(values.View);

double[] expected = Array.ConvertAll(x, v => 0.5 * v * (1 + Trig.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))));
Console.WriteLine($"largest difference: {Distance.Chebyshev(Array.ConvertAll(y, value => (double)value), expected):E1}");

// The grid-stride loop is right for every number of groups and threads.
static void Gelu(ArrayView<float> x, ArrayView<float> y)
{
    for (int i = GridStride.First, stride = GridStride.Stride; i < x.IntLength; i += stride)
    {
        y[i] = 0.5f * x[i] * (1 + DeviceMath.Tanh(0.7978845608f * (x[i] + (0.044715f * x[i] * x[i] * x[i]))));
    }
}
