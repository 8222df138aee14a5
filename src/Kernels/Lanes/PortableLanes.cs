// Eight lanes for OpenCL, CUDA, and processors without wide vectors.
global using PortableLanes = Makemore.Gpu.Kernels.Lanes.Pair<Makemore.Gpu.Kernels.Lanes.Pair<Makemore.Gpu.Kernels.Lanes.Pair<Makemore.Gpu.Kernels.Lanes.Scalar>>>;
